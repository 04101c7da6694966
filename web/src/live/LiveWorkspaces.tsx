import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useRef, type ReactNode } from "react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { Phase, WorkspaceEvent } from "~/api/types";
import { sessionKey } from "~/session/queries";
import { keys, storePhase, storeWorkspace } from "~/workspaces/queries";
import type { StreamState } from "./follow";
import { useStream } from "./useStream";

/** Events come in bursts; one look at the workspace after each burst is enough. */
const SETTLE_MS = 120;

const LiveState = createContext<StreamState>("connecting");

/** How the pages hear of changes just now. */
export function useLiveState(): StreamState {
  return use(LiveState);
}

/** Keeps every list and record of workspaces current from one stream of events. */
export function LiveWorkspaces({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const pending = useRef(new Map<string, number>());

  function lookAgain(id: string) {
    window.clearTimeout(pending.current.get(id));
    const timer = window.setTimeout(() => {
      pending.current.delete(id);
      void refresh(id);
    }, SETTLE_MS);
    pending.current.set(id, timer);
  }

  async function refresh(id: string) {
    try {
      const workspace = await answer(
        api.GET("/api/v1/workspaces/{workspace}", { params: { path: { workspace: id } } }),
      );
      storeWorkspace(client, workspace);
      // A list that is on its way may have been read before this event.
      if (client.isFetching({ queryKey: keys.lists }) > 0)
        void client.invalidateQueries({ queryKey: keys.lists });
    } catch (error) {
      if (asProblem(error).status === 404) {
        // It is gone: a page that shows it says so.
        void client.invalidateQueries({ queryKey: keys.lists });
        void client.resetQueries({ queryKey: keys.one(id), exact: true });
        return;
      }
    }
    void client.invalidateQueries({ queryKey: keys.timeline(id) });
    void client.invalidateQueries({ queryKey: keys.why(id) });
  }

  function onEvent(event: WorkspaceEvent) {
    if (event.kind === "phase_changed") storePhase(client, event.workspace, event.data.phase as Phase);
    if (CHANGES_LISTS.has(event.kind)) void client.invalidateQueries({ queryKey: keys.lists });
    const related = RELATED[event.kind];
    if (related) void client.invalidateQueries({ queryKey: related(event.workspace) });
    lookAgain(event.workspace);
  }

  const { state, problem } = useStream({
    url: "/api/v1/events",
    onEvents: (events) => {
      for (const { data } of events) onEvent(JSON.parse(data) as WorkspaceEvent);
    },
  });

  useEffect(() => {
    // What happened before the stream was open was not told.
    if (state === "open") void client.invalidateQueries({ queryKey: keys.all });
  }, [state, client]);

  useEffect(() => {
    // The stream is often the first to learn that the session has ended.
    if (problem?.status === 401) client.setQueryData(sessionKey, null);
  }, [problem, client]);

  useEffect(() => {
    const timers = pending.current;
    return () => {
      for (const timer of timers.values()) window.clearTimeout(timer);
    };
  }, []);

  return <LiveState value={state}>{children}</LiveState>;
}

const CHANGES_LISTS = new Set(["created", "deleted", "undeleted", "purged", "shared", "unshared"]);

/** What else an event says is not as it was. */
const RELATED: Record<string, ((id: string) => readonly unknown[]) | undefined> = {
  shared: keys.shares,
  unshared: keys.shares,
  port_opened: keys.ports,
  port_listening: keys.ports,
  port_closed: keys.ports,
  person_joined: keys.people,
};
