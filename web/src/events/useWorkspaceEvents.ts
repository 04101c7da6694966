import { useState } from "react";
import type { WorkspaceEvent } from "~/api/types";
import { useStream, type StreamStatus } from "~/live/useStream";

export interface WorkspaceEvents extends StreamStatus {
  /** From the first to the latest, without gaps. */
  events: readonly WorkspaceEvent[];
}

const NONE: readonly WorkspaceEvent[] = [];

/** All events of a workspace, and each new one as it comes; undefined: of none. */
export function useWorkspaceEvents(id: string | undefined): WorkspaceEvents {
  const [events, setEvents] = useState(NONE);
  const status = useStream({
    url: id === undefined ? undefined : `/api/v1/workspaces/${id}/events`,
    onEvents: (more) => {
      const fresh = more.map(({ data }) => JSON.parse(data) as WorkspaceEvent);
      setEvents((old) => mergeEvents(old, fresh));
    },
    onRestart: () => setEvents(NONE),
  });
  return { ...status, events };
}

/** Numbers never repeat: what a resumed stream tells again is left out. */
export function mergeEvents(
  old: readonly WorkspaceEvent[],
  fresh: readonly WorkspaceEvent[],
): readonly WorkspaceEvent[] {
  const last = old.at(-1)?.number ?? 0;
  const added = fresh.filter(({ number }) => number > last);
  return added.length === 0 ? old : [...old, ...added];
}
