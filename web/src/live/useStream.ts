import { useEffect, useEffectEvent, useState } from "react";
import type { Problem } from "~/api/problem";
import { follow, type StreamState } from "./follow";
import type { ServerSentEvent } from "./sse";

/** A hidden page keeps its streams for a moment, and then gives the browser's few connections back. */
const HIDDEN_GRACE_MS = 20_000;

export interface StreamStatus {
  state: StreamState;
  problem?: Problem;
}

interface StreamOptions {
  /** undefined: nothing to follow now. */
  url: string | undefined;
  after?: string;
  onEvents: (events: ServerSentEvent[]) => void;
  /** Called when a stream begins from its start again, before its first events. */
  onRestart?: () => void;
}

/** Follow a stream while the page is visible; resumes where it was left. */
export function useStream({ url, after, onEvents, onRestart }: StreamOptions): StreamStatus {
  const [status, setStatus] = useState<StreamStatus>({ state: "connecting" });
  const deliver = useEffectEvent(onEvents);
  const restart = useEffectEvent(() => onRestart?.());

  useEffect(() => {
    if (url === undefined) return undefined;
    let lastId = after;
    let ended = false;
    let connection: AbortController | undefined;
    let grace: number | undefined;
    restart();

    function open() {
      window.clearTimeout(grace);
      if (connection || ended || url === undefined) return;
      connection = new AbortController();
      void follow({
        url,
        ...(lastId === undefined ? {} : { after: lastId }),
        onEvents: (events) => {
          lastId = events.at(-1)?.id ?? lastId;
          deliver(events);
        },
        onState: (state, problem) => {
          ended = state === "ended" || state === "refused";
          setStatus(problem ? { state, problem } : { state });
        },
        signal: connection.signal,
      });
    }

    function close() {
      connection?.abort();
      connection = undefined;
    }

    function onVisibility() {
      if (document.hidden) grace = window.setTimeout(close, HIDDEN_GRACE_MS);
      else open();
    }

    open();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.clearTimeout(grace);
      close();
    };
  }, [url, after]);

  return status;
}
