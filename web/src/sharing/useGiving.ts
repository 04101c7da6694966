import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { ShareCreate } from "~/api/types";
import { keys } from "~/workspaces/queries";

/** Gives a workspace to somebody, or makes a guest link. */
export function useGiving(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ShareCreate) =>
      answer(
        api.POST("/api/v1/workspaces/{workspace}/shares", { params: { path: { workspace: id } }, body }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.shares(id) }),
  });
}
