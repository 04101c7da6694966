/** Workspaces as the pages read them: fetched once, then kept current by the stream of events. */
import {
  infiniteQueryOptions,
  queryOptions,
  type InfiniteData,
  type QueryClient,
} from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Phase, Workspace, WorkspacePage } from "~/api/types";

export const PAGE_SIZE = 100;

export const keys = {
  all: ["workspaces"] as const,
  lists: ["workspaces", "list"] as const,
  list: (deleted: boolean) => ["workspaces", "list", { deleted }] as const,
  one: (id: string) => ["workspaces", "one", id] as const,
  timeline: (id: string) => ["workspaces", "one", id, "timeline"] as const,
  why: (id: string) => ["workspaces", "one", id, "why"] as const,
  apps: (id: string) => ["workspaces", "one", id, "apps"] as const,
  ports: (id: string) => ["workspaces", "one", id, "ports"] as const,
  shares: (id: string) => ["workspaces", "one", id, "shares"] as const,
  people: (id: string) => ["workspaces", "one", id, "people"] as const,
  folders: (id: string) => ["workspaces", "one", id, "folder"] as const,
  folder: (id: string, path: string) => ["workspaces", "one", id, "folder", path] as const,
  hooks: (id: string) => ["workspaces", "one", id, "hooks"] as const,
  secrets: (id: string) => ["workspaces", "one", id, "secrets"] as const,
};

export function workspaceList({ deleted }: { deleted: boolean }) {
  return infiniteQueryOptions({
    queryKey: keys.list(deleted),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/workspaces", {
          params: { query: { deleted, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function workspaceQuery(id: string) {
  return queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/workspaces/{workspace}", { params: { path: { workspace: id } }, signal })),
  });
}

/** Spans of one start; undefined: of the latest that has any. */
export function timelineQuery(id: string, start?: number) {
  return queryOptions({
    queryKey: [...keys.timeline(id), start ?? "latest"],
    // The spans of an app's first opening come without an event.
    staleTime: 0,
    queryFn: ({ signal }) => {
      const query = start === undefined ? {} : { start };
      const params = { path: { workspace: id }, query };
      return answer(api.GET("/api/v1/workspaces/{workspace}/timeline", { params, signal }));
    },
  });
}

export function whyQuery(id: string) {
  return queryOptions({
    queryKey: keys.why(id),
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/workspaces/{workspace}/why", { params: { path: { workspace: id } }, signal })),
  });
}

/** Apps with their state, as the agent sees it now. */
export function appsQuery(id: string) {
  return queryOptions({
    queryKey: keys.apps(id),
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/workspaces/{workspace}/apps", { params: { path: { workspace: id } }, signal })),
  });
}

export function portsQuery(id: string) {
  return queryOptions({
    queryKey: keys.ports(id),
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/ports", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

/** Who was given something of it. */
export function sharesQuery(id: string) {
  return queryOptions({
    queryKey: keys.shares(id),
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/shares", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

/** Who is in it now. */
export function peopleQuery(id: string) {
  return queryOptions({
    queryKey: keys.people(id),
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/people", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

/** What is in a folder now; `~/` is the home, `/` the root, anything else lies in the project. */
export function folderQuery(id: string, path: string) {
  return queryOptions({
    queryKey: keys.folder(id, path),
    staleTime: 0,
    queryFn: ({ signal }) => {
      const params = { path: { workspace: id }, query: { path } };
      return answer(api.GET("/api/v1/workspaces/{workspace}/folder", { params, signal }));
    },
  });
}

/** What its configuration came to. */
export function environmentQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.one(id), "environment"],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/environment", {
          params: { path: { workspace: id } },
          signal,
        }),
      ),
  });
}

/** Life-cycle hooks of this start. */
export function hooksQuery(id: string) {
  return queryOptions({
    queryKey: keys.hooks(id),
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/hooks", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

/** What a workspace gets and what its repository would like to have: names, never values. */
export function secretsQuery(id: string) {
  return queryOptions({
    queryKey: keys.secrets(id),
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/secrets", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

type Pages = InfiniteData<WorkspacePage, string>;

/** Change one workspace in every list that has it. A list that waits to be fetched again goes on waiting. */
function patchLists(client: QueryClient, id: string, patch: (workspace: Workspace) => Workspace): void {
  for (const query of client.getQueryCache().findAll({ queryKey: keys.lists })) {
    const data = query.state.data as Pages | undefined;
    if (!data?.pages.some((page) => page.items.some((own) => own.id === id))) continue;
    const pages = data.pages.map((page) => ({
      ...page,
      items: page.items.map((own) => (own.id === id ? patch(own) : own)),
    }));
    const { isInvalidated, dataUpdatedAt } = query.state;
    client.setQueryData<Pages>(query.queryKey, { ...data, pages }, { updatedAt: dataUpdatedAt });
    if (isInvalidated) query.invalidate();
  }
}

/** Put a workspace as the server answered it into everything that shows it. */
export function storeWorkspace(client: QueryClient, workspace: Workspace): void {
  client.setQueryData(keys.one(workspace.id), workspace);
  patchLists(client, workspace.id, () => workspace);
}

/** Show a phase at once; the whole record is fetched after it. */
export function storePhase(client: QueryClient, id: string, phase: Phase): void {
  // An answer on its way was asked for before the event: it would show the phase before this one again.
  if (client.getQueryData(keys.one(id))) void client.cancelQueries({ queryKey: keys.one(id), exact: true });
  client.setQueryData<Workspace>(keys.one(id), (own) => own && { ...own, phase });
  patchLists(client, id, (own) => ({ ...own, phase }));
}
