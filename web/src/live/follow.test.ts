// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import { delayBefore, follow, type StreamState } from "./follow";
import type { ServerSentEvent } from "./sse";

type Reply = (headers: Headers) => Response;

/** A server that gives the next reply to each request, and aborts the follower when it has none left. */
function serve(replies: Reply[], stop: AbortController) {
  const asked: (string | null)[] = [];
  const fetch = vi.fn((_url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    asked.push(headers.get("Last-Event-ID"));
    const reply = replies.shift();
    if (!reply) {
      stop.abort();
      return Promise.reject(new TypeError("offline"));
    }
    return Promise.resolve(reply(headers));
  });
  vi.stubGlobal("fetch", fetch);
  return asked;
}

const stream = (text: string) => () =>
  new Response(text, { headers: { "Content-Type": "text/event-stream" } });

async function run(replies: Reply[], after?: string) {
  const stop = new AbortController();
  const asked = serve(replies, stop);
  const events: ServerSentEvent[] = [];
  const states: StreamState[] = [];
  const options = {
    url: "/api/v1/events",
    onEvents: (more: ServerSentEvent[]) => void events.push(...more),
    onState: (state: StreamState) => void states.push(state),
    signal: stop.signal,
    wait: () => Promise.resolve(),
  };
  await follow(after === undefined ? options : { ...options, after });
  return { asked, events: events.map(({ data }) => data), states };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("follow", () => {
  test("resumes after the last id it saw", async () => {
    const { asked, events } = await run(
      [stream("id: 4\ndata: a\n\nid: 5\ndata: b\n\ndata: cut"), stream("id: 6\ndata: c\n\n")],
      "3",
    );
    expect(events).toEqual(["a", "b", "c"]);
    expect(asked).toEqual(["3", "5", "6"]);
  });

  test("ends where the server says that nothing more will come", async () => {
    expect(
      (await run([stream("id: 1\ndata: a\n\nevent: end\ndata:\n\ndata: never\n\n")])).states.at(-1),
    ).toBe("ended");
    expect((await run([() => new Response(null, { status: 204 })])).states.at(-1)).toBe("ended");
  });

  test("a refusal is final, an outage is not", async () => {
    const gone = () => Response.json({ kind: "not_found", title: "no" }, { status: 404 });
    const outage = () => new Response("", { status: 503 });
    const { states, asked } = await run([outage, gone]);
    expect(states.at(-1)).toBe("refused");
    expect(asked).toHaveLength(2);
  });
});

test("delays grow up to a limit, with jitter", () => {
  const middle = () => 0.5;
  expect([0, 1, 2, 10].map((attempt) => delayBefore(attempt, middle))).toEqual([500, 1000, 2000, 15_000]);
  expect(delayBefore(0, () => 0)).toBe(375);
});
