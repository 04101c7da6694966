/** Where a workspace may belong: projects and their domains (docs/reference/roles.md); the server decides. */
import type { Project, Session } from "~/api/types";
import { DEFAULT_PROJECT, DOMAINS } from "~/projects/rights";

export interface Place {
  project: string;
  domain: string;
}

/** A project with the domains in which one may have workspaces. */
export interface Choices {
  project: string;
  domains: readonly string[];
}

type Asking = Pick<Session, "role"> | null | undefined;
type Known = Pick<Project, "name" | "you">;

const WORKING: readonly string[] = ["developer", "maintainer", "admin", "owner"];

/** The projects in which one may have workspaces. */
export function placesOf(session: Asking, projects: readonly Known[]): Choices[] {
  return projects
    .map((project) => ({ project: project.name, domains: domainsOf(session, project) }))
    .filter(({ domains }) => domains.length > 0);
}

/** Whether one's role in the installation lets one have workspaces. */
export function worksByRole(session: Asking): boolean {
  return session !== null && session !== undefined && WORKING.includes(session.role);
}

function domainsOf(session: Asking, { name, you }: Known): readonly string[] {
  // An auditor enters nothing, whatever they were given.
  if (!session || session.role === "auditor" || session.role === "guest") return [];
  const everywhere = session.role === "admin" || session.role === "owner";
  if (everywhere || (name === DEFAULT_PROJECT && worksByRole(session))) return DOMAINS;
  const works = (domain: string) => WORKING.includes(you[domain] ?? "");
  return works("") ? DOMAINS : DOMAINS.filter(works);
}

/** Where a workspace goes for which `wanted` was chosen: there if one may, else as near to it as one may. */
export function placeFor(wanted: Place, places: readonly Choices[] | undefined): Place {
  if (places === undefined) return wanted;
  const found = places.find(({ project }) => project === wanted.project) ?? places[0];
  if (found === undefined) return wanted;
  const domain = found.domains.includes(wanted.domain) ? wanted.domain : (found.domains[0] ?? wanted.domain);
  return { project: found.project, domain };
}
