import { describe, expect, test } from "vitest";
import { SseParser } from "./sse";

const STREAM =
  "retry: 2000\r\nid: 1\nevent: phase\ndata: a\ndata: b\n\n: comment\n\ndata:c\r\rid: 3\n\ndata\n\nid\ndata:  d\n\n";

function parse(chunks: string[]) {
  const parser = new SseParser();
  const events = chunks.flatMap((chunk) => parser.push(chunk));
  return { events, parser };
}

describe("SseParser", () => {
  test("fields, comments, several data lines, and every kind of line end", () => {
    const { events, parser } = parse([STREAM]);
    expect(events).toEqual([
      { id: "1", event: "phase", data: "a\nb" },
      { id: "1", event: "message", data: "c" },
      { id: "3", event: "message", data: "" },
      { id: "", event: "message", data: " d" },
    ]);
    expect(parser.retryMs).toBe(2000);
  });

  test("chunks may end anywhere", () => {
    const whole = parse([STREAM]).events;
    for (let at = 0; at <= STREAM.length; at += 1) {
      expect(parse([STREAM.slice(0, at), STREAM.slice(at)]).events).toEqual(whole);
    }
    expect(parse(Array.from(STREAM)).events).toEqual(whole);
  });

  test("an event that is not complete is not told", () => {
    expect(parse(["data: a\n"]).events).toEqual([]);
  });
});
