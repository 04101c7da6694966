import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Role, Session } from "~/api/types";

export const usersKey = ["users"] as const;

/** People with an account; those who are disabled too for who manages people. */
export const usersQuery = queryOptions({
  queryKey: usersKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/users", { signal })),
});

/** Whether somebody looks after people (`user.manage` in docs/reference/roles.md); the server decides. */
export function managesPeople(session: Session | null | undefined): boolean {
  return session?.role === "admin" || session?.role === "owner";
}

/** The roles of accounts, from the least to the most, with what each does in the whole installation. */
export const ROLES: readonly (readonly [role: Role, label: string, does: string])[] = [
  ["viewer", "Viewer", "looks at what the projects have"],
  ["auditor", "Auditor", "reads everything that is recorded, enters nothing"],
  ["developer", "Developer", "has workspaces"],
  ["maintainer", "Maintainer", "looks after projects"],
  ["admin", "Admin", "looks after people, projects and limits"],
  ["owner", "Owner", "owns the installation"],
];
