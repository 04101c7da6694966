import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Role, Session, User } from "~/api/types";

export const usersKey = ["users"] as const;
export const userTokensKey = (id: string) => ["user", id, "tokens"] as const;
export const userLimitsKey = (id: string) => ["user", id, "limits"] as const;

/** People with an account; those who are disabled too for who manages people. */
export const usersQuery = queryOptions({
  queryKey: usersKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/users", { signal })),
});

/** Tokens and browser sessions of somebody, for who manages people. */
export function userTokensQuery(id: string) {
  return queryOptions({
    queryKey: userTokensKey(id),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/users/{user}/tokens", { params: { path: { user: id } }, signal })),
  });
}

/** What somebody may have in all, and what they have. */
export function userLimitsQuery(id: string) {
  return queryOptions({
    queryKey: userLimitsKey(id),
    // Workspaces start and stop without an event for this.
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/users/{user}/limits", { params: { path: { user: id } }, signal })),
  });
}

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

export function labelOf(role: Role): string {
  return ROLES.find(([one]) => one === role)?.[1] ?? role;
}

/** What somebody of a role may make of others; owners are the owners' business. */
export function rolesFor(own: Role | undefined, current: Role) {
  return ROLES.filter(([role]) => role !== "owner" || own === "owner" || current === "owner").map(
    ([value, label]) => ({ value, label }),
  );
}

/** Whether an account is not for this person to change: only an owner has to do with owners. */
export function outOfReach(session: Session | null | undefined, user: Pick<User, "role">): boolean {
  return !managesPeople(session) || (user.role === "owner" && session?.role !== "owner");
}

/** Whether `text` is a part of a name or an address of somebody. */
export function isCalled(user: Pick<User, "name" | "full_name" | "email">, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  return [user.name, user.full_name, user.email].some((own) => own.toLowerCase().includes(wanted));
}
