/** Follow a stream of server-sent events for as long as wanted: resumes after every loss, misses nothing.
 *
 * fetch rather than EventSource: a stream that is opened again later can name the last id it saw, a refusal can be read
 * as a problem, and silence can be noticed.
 */
import { Problem, problemFromAnswer } from "~/api/problem";
import { SseParser, type ServerSentEvent } from "./sse";

export type StreamState = "connecting" | "open" | "lost" | "ended" | "refused";

export interface FollowOptions {
  url: string;
  /** Resume after this id. */
  after?: string;
  onEvents: (events: ServerSentEvent[]) => void;
  onState?: (state: StreamState, problem?: Problem) => void;
  signal: AbortSignal;
  /** How time passes between tries. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** The server sends a comment every few seconds; longer silence means that the connection is dead. */
const SILENCE_MS = 20_000;

/** How long to wait before try number `attempt` (from 0): doubling, with a quarter of jitter. */
export function delayBefore(attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS);
  return delay * (0.75 + random() * 0.5);
}

/** Refusals that trying again does not mend. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Runs until `signal` aborts, the server refuses for good, or it says that the stream is complete (204, or event `end`). */
export async function follow(options: FollowOptions): Promise<void> {
  const { signal, onState, wait = pause } = options;
  let lastId = options.after ?? "";
  let attempt = 0;
  const stopped = () => signal.aborted;
  while (!stopped()) {
    onState?.(attempt === 0 ? "connecting" : "lost");
    try {
      const complete = await readOnce(options, lastId, (id) => {
        lastId = id;
        attempt = 0;
      });
      if (complete) {
        onState?.("ended");
        return;
      }
    } catch (error) {
      if (stopped()) return;
      if (error instanceof Problem && isFinal(error.status)) {
        onState?.("refused", error);
        return;
      }
    }
    if (stopped()) return;
    onState?.("lost");
    await wait(delayBefore(attempt), signal);
    attempt += 1;
  }
}

/** One connection; true when the server said that nothing more will come. */
async function readOnce(
  options: FollowOptions,
  lastId: string,
  progress: (id: string) => void,
): Promise<boolean> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  options.signal.addEventListener("abort", abort);
  let watchdog = window.setTimeout(abort, SILENCE_MS);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const response = await fetch(options.url, {
      headers,
      credentials: "same-origin",
      signal: connection.signal,
    });
    if (response.status === 204) return true;
    if (!response.ok || !response.body) {
      const body: unknown = await response.json().catch(() => undefined);
      throw new Problem(problemFromAnswer(body, response));
    }
    options.onState?.("open");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(abort, SILENCE_MS);
      const events = parser.push(value);
      const end = events.findIndex((event) => event.event === "end");
      const wanted = end < 0 ? events : events.slice(0, end);
      if (wanted.length > 0) options.onEvents(wanted);
      progress(parser.lastId || lastId);
      if (end >= 0) return true;
    }
  } finally {
    window.clearTimeout(watchdog);
    options.signal.removeEventListener("abort", abort);
    abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(done, ms);
    function done() {
      window.clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
