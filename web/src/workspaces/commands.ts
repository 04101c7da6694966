/** What may be asked of a workspace: each is one request, and its answer is shown everywhere at once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Workspace } from "~/api/types";
import { tellProblem } from "~/design/notices";
import { keys, storeWorkspace } from "./queries";

export type Asked =
  | { command: "start" | "stop" | "restart" | "undelete" }
  | { command: "rebuild"; noCache?: boolean }
  | { command: "extend"; seconds: number }
  | { command: "delete"; purge?: boolean };

function send(id: string, asked: Asked): Promise<Workspace> {
  const params = { path: { workspace: id } };
  switch (asked.command) {
    case "start":
      return answer(api.POST("/api/v1/workspaces/{workspace}/start", { params }));
    case "stop":
      return answer(api.POST("/api/v1/workspaces/{workspace}/stop", { params }));
    case "restart":
      return answer(api.POST("/api/v1/workspaces/{workspace}/restart", { params }));
    case "undelete":
      return answer(api.POST("/api/v1/workspaces/{workspace}/undelete", { params }));
    case "rebuild":
      return answer(
        api.POST("/api/v1/workspaces/{workspace}/rebuild", {
          params,
          body: { no_cache: asked.noCache ?? false },
        }),
      );
    case "extend":
      return answer(
        api.POST("/api/v1/workspaces/{workspace}/extend", { params, body: { seconds: asked.seconds } }),
      );
    case "delete":
      return answer(
        api.DELETE("/api/v1/workspaces/{workspace}", {
          params: { ...params, query: { purge: asked.purge ?? false } },
        }),
      );
  }
}

export function useCommand(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (asked: Asked) => send(id, asked),
    onSuccess: (workspace, asked) => {
      storeWorkspace(client, workspace);
      // It leaves one list and enters another.
      if (asked.command === "delete" || asked.command === "undelete") {
        void client.invalidateQueries({ queryKey: keys.lists });
      }
    },
    onError: tellProblem,
  });
}
