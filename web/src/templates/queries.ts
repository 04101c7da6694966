/** The catalog: templates that one may see, and the repositories that they come from. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Project, Session, Template } from "~/api/types";
import { looksAfter, managesProjects } from "~/projects/rights";

export const templatesKey = ["templates"] as const;

/** The catalog changes without an event. */
const ASKED_AGAIN = { staleTime: 0 } as const;

/** Templates of the projects that one knows, and everybody's. */
export const templatesQuery = queryOptions({
  queryKey: [...templatesKey, "list"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/templates", { signal })),
  ...ASKED_AGAIN,
});

/** One template, at its newest version or at another. */
export function templateQuery(name: string, project: string, version = "") {
  return queryOptions({
    queryKey: [...templatesKey, "one", name, project, version],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/templates/{name}", {
          params: { path: { name }, query: { project, version } },
          signal,
        }),
      ),
    ...ASKED_AGAIN,
  });
}

const FIRST_READING_MS = 2000;

export const repositoriesKey = ["template-repositories"] as const;

export const repositoriesQuery = queryOptions({
  queryKey: repositoriesKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/template-repositories", { signal })),
  ...ASKED_AGAIN,
  // No event tells that a new one was read.
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ synced_at }) => synced_at === null) ? FIRST_READING_MS : false,
});

/** For whom a template is: a project, or everybody (empty). */
export interface Shelf {
  value: string;
  label: string;
}

/** Where somebody may put templates and register repositories (`template.manage` in docs/reference/roles.md); the server decides. */
export function shelves(
  session: Session | null | undefined,
  projects: readonly Project[] | undefined,
): Shelf[] {
  const own = (projects ?? []).filter((project) => looksAfter(session, project).includes(""));
  return [
    ...(managesProjects(session) ? [{ value: "", label: "Everybody" }] : []),
    ...own.map(({ name }) => ({ value: name, label: `Project ${name}` })),
  ];
}

/** The address of a template's page, or of the form that makes a workspace of it. */
export function templatePath({ name, project }: Pick<Template, "name" | "project">, page = ""): string {
  const query = project ? `?project=${encodeURIComponent(project)}` : "";
  return `/templates/${encodeURIComponent(name)}${page && `/${page}`}${query}`;
}

export function templateTitle({ title, name }: Pick<Template, "title" | "name">): string {
  return title || name;
}

/** Whose it is, in words. */
export function forWhom({ project }: Pick<Template, "project">): string {
  return project ? `Project ${project}` : "For everybody";
}
