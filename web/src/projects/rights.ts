/** What the signed-in person may do with a project (docs/reference/roles.md); the server decides. */
import type { Project, Role, Session } from "~/api/types";

/** Everybody with an account belongs to it, with the role that they have in the installation. */
export const DEFAULT_PROJECT = "default";
export const DOMAINS = ["development", "staging", "production"] as const;

type Asking = Pick<Session, "role"> | null | undefined;
type Known = Pick<Project, "name" | "you">;

/** Make, describe, limit and delete projects. */
export function managesProjects(session: Asking): boolean {
  return session?.role === "admin" || session?.role === "owner";
}

/** The domains of which one says who is a member; the empty one is all of them. */
export function looksAfter(session: Asking, project: Known): readonly string[] {
  const everywhere = ["", ...DOMAINS];
  if (managesProjects(session)) return everywhere;
  // An auditor enters nothing, whatever they were given.
  if (!session || session.role === "auditor" || session.role === "guest") return [];
  const isKeeper = project.name === DEFAULT_PROJECT && session.role === "maintainer";
  if (isKeeper || project.you[""] === "maintainer") return everywhere;
  return DOMAINS.filter((domain) => project.you[domain] === "maintainer");
}

/** Whether one reads what was done in it. */
export function readsAuditOf(session: Asking, project: Known): boolean {
  return readsWholeAudit(session) || looksAfter(session, project).length > 0;
}

/** Whether one reads everything that is recorded. */
export function readsWholeAudit(session: Asking): boolean {
  return managesProjects(session) || session?.role === "auditor";
}

/** The roles of members, from the least to the most, with what each does in the project. */
export const MEMBER_ROLES: readonly (readonly [role: Role, label: string, does: string])[] = [
  ["viewer", "Viewer", "sees the workspaces, with their events and logs"],
  ["developer", "Developer", "has workspaces"],
  ["maintainer", "Maintainer", "looks after workspaces, secrets and members"],
];

/** What one is in a project, as its members have it: `developer, maintainer in staging`; empty: no member. */
export function whatYouAre({ you }: Pick<Project, "you">): string {
  return ["", ...DOMAINS]
    .filter((domain) => you[domain] !== undefined)
    .map((domain) => [you[domain], domain && `in ${domain}`].filter(Boolean).join(" "))
    .join(", ");
}
