/** The terminals of a workspace, as the agent knows them now. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { Problem } from "~/api/problem";
import { keys } from "~/workspaces/queries";

/** The agent tells no events about terminals. */
export const REFRESH_MS = 5_000;

export const terminalsKey = (id: string) => [...keys.one(id), "terminals"] as const;

export function terminalsQuery(id: string) {
  return queryOptions({
    queryKey: terminalsKey(id),
    staleTime: 0,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/workspaces/{workspace}/terminals", { params: { path: { workspace: id } }, signal }),
      ),
  });
}

/** Why a terminal cannot be attached to, where trying again does not help: the list is refused for the same reasons. */
export async function whyRefused(id: string): Promise<string | undefined> {
  try {
    await answer(
      api.GET("/api/v1/workspaces/{workspace}/terminals", { params: { path: { workspace: id } } }),
    );
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500) return error.message;
  }
  return undefined;
}
