import { useOutletContext } from "react-router";
import type { WorkspaceEvent, Workspace } from "~/api/types";
import type { StreamStatus } from "~/live/useStream";

/** What the tabs of one workspace share. */
export interface Detail {
  workspace: Workspace;
  events: readonly WorkspaceEvent[];
  status: StreamStatus;
}

export function useDetail(): Detail {
  return useOutletContext<Detail>();
}
