import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";

export const projectKeys = {
  all: ["projects"] as const,
  list: ["projects", "list"] as const,
  one: (name: string) => ["projects", "one", name] as const,
  members: (name: string) => ["projects", "one", name, "members"] as const,
  policy: (name: string) => ["projects", "one", name, "policy"] as const,
  secrets: (name: string) => ["projects", "one", name, "secrets"] as const,
  limits: (name: string) => ["projects", "one", name, "limits"] as const,
};

/** The projects that the signed-in person knows of. */
export const projectsQuery = queryOptions({
  queryKey: projectKeys.list,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/projects", { signal })),
});

export function projectQuery(name: string) {
  return queryOptions({
    queryKey: projectKeys.one(name),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{project}", { params: { path: { project: name } }, signal })),
  });
}

/** Who is what in it. */
export function membersQuery(name: string) {
  return queryOptions({
    queryKey: projectKeys.members(name),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{project}/members", { params: { path: { project: name } }, signal })),
  });
}

/** How long its workspaces run, rest and stay in the trash. */
export function policyQuery(name: string) {
  return queryOptions({
    queryKey: projectKeys.policy(name),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{project}/policy", { params: { path: { project: name } }, signal })),
  });
}

/** What it may have in all, and what it has. */
export function projectLimitsQuery(name: string) {
  return queryOptions({
    queryKey: projectKeys.limits(name),
    // Workspaces start and stop without an event for this.
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{project}/limits", { params: { path: { project: name } }, signal })),
  });
}
