/** Asking for a workspace, from whichever form. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import type { WorkspaceCreate } from "~/api/types";
import { keys, workspaceList } from "../queries";
import { IdempotencyKeys } from "./idempotency";

/** Names that the person has already given, as far as the list is loaded; the server decides. */
export function useTakenNames(): ReadonlySet<string> {
  const list = useInfiniteQuery(workspaceList({ deleted: false }));
  return new Set(list.data?.pages.flatMap((page) => page.items.map((workspace) => workspace.name)));
}

/** Makes a workspace and goes to its page; the same wish twice makes one. */
export function useCreate() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const idempotency = useRef(new IdempotencyKeys());
  return useMutation({
    mutationFn: (request: WorkspaceCreate) =>
      answer(
        api.POST("/api/v1/workspaces", {
          params: { header: { "Idempotency-Key": idempotency.current.keyFor(request) } },
          body: request,
        }),
      ),
    onSuccess: (workspace) => {
      client.setQueryData(keys.one(workspace.id), workspace);
      void client.invalidateQueries({ queryKey: keys.lists });
      void navigate(`/workspaces/${workspace.id}`);
    },
  });
}
