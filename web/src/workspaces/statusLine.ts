/** One line on why a workspace is as it is, and what will become of it. */
import type { Workspace } from "~/api/types";
import { formatDistance } from "~/design/time";

export function statusLine(workspace: Workspace, now: Date): string {
  const distance = (at: string) => formatDistance(new Date(at), now);
  switch (workspace.phase) {
    case "running":
      if (workspace.degraded) return workspace.degraded;
      if (workspace.stops_at) return `Stops ${distance(workspace.stops_at)} unless it is used`;
      return workspace.running_since ? `Since ${distance(workspace.running_since).replace(/ ago$/, "")}` : "";
    case "failed":
      return workspace.problem?.title ?? "The last step failed";
    case "stopped":
      return (
        workspace.stop_reason ||
        (workspace.last_activity_at ? `Last used ${distance(workspace.last_activity_at)}` : "")
      );
    case "deleted":
      return workspace.purge_after ? `Gone for good ${distance(workspace.purge_after)}` : "";
    default:
      return workspace.problem?.retry_at ? `${workspace.problem.title}; trying again` : "";
  }
}
