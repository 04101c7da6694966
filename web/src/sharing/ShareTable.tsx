import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Share, Workspace } from "~/api/types";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { RemovalTable } from "~/design/RemovalTable";
import { keys } from "~/workspaces/queries";
import { LEVELS } from "~/workspaces/rights";

interface ShareTableProps {
  workspace: Workspace;
  items: readonly Share[];
}

/** What was given to whom, each with a button that takes it away. */
export function ShareTable({ workspace, items }: ShareTableProps) {
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: (share: string) =>
      answer(
        api.DELETE("/api/v1/workspaces/{workspace}/shares/{share}", {
          params: { path: { workspace: workspace.id, share } },
        }),
      ),
    onSuccess: () => tellDone("It is taken away; what is open by it ends within seconds."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: keys.shares(workspace.id) }),
  });
  const rows = items.map((share) => ({
    id: share.id,
    removeLabel: `Take it away from ${receiverOf(share)}`,
    cells: [
      receiverOf(share),
      whatOf(share),
      share.expires_at ? <Moment key="ends" at={share.expires_at} /> : "when it is taken away",
    ],
  }));
  return (
    <RemovalTable
      columns={["Who", "May", "Ends"]}
      removing="Take away"
      rows={rows}
      busyId={take.isPending ? take.variables : undefined}
      onRemove={take.mutate}
    />
  );
}

function receiverOf(share: Share): string {
  return share.guest ? share.title || "whoever has the link" : share.user;
}

function whatOf(share: Share): string {
  const ports =
    share.ports.length > 0 ? `, ${share.ports.length > 1 ? "ports" : "port"} ${share.ports.join(", ")}` : "";
  return `${LEVELS[share.level].label}${ports}`;
}
