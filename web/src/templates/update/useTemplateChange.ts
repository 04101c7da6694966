/** Giving a workspace another version of its template, or other values. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { storeWorkspace } from "~/workspaces/queries";
import type { ParameterValue } from "../parameters";

export interface TemplateChange {
  /** Empty: the newest. */
  version: string;
  /** Only those that change. */
  parameters: Record<string, ParameterValue>;
}

export function useTemplateChange(id: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (template: TemplateChange) =>
      answer(
        api.PATCH("/api/v1/workspaces/{workspace}", {
          params: { path: { workspace: id } },
          body: { template },
        }),
      ),
    onSuccess: (workspace) => {
      storeWorkspace(client, workspace);
      onDone();
    },
  });
}
