import { expect, test } from "vitest";
import { ACKNOWLEDGE_BYTES, INPUT_LIMIT, TerminalPlace } from "./place";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** A terminal that knows a viewer, or does not. */
class Terminal {
  printed = "";
  typed = "";
  seen = -1;
  knows = false;

  /** What follows a new connection. */
  greet(place: TerminalPlace): string {
    const offset = Math.max(place.seen, 0);
    // What was acknowledged need not be there any more.
    expect(offset).toBeGreaterThanOrEqual(this.seen);
    place.connected();
    place.greet({ offset, typed: this.typed.length, known: this.knows });
    this.knows = true;
    return this.printed.slice(offset);
  }
}

/** Numbers from 0 to 1, the same in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever is cut, both sides get everything once", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const random = chance(seed);
    const terminal = new Terminal();
    const place = new TerminalPlace();
    let [shown, wanted] = ["", ""];
    let coming = terminal.greet(place);
    for (let step = 0; step < 60; step += 1) {
      const data = String.fromCharCode(33 + step).repeat(1 + Math.floor(random() * 40));
      const event = Math.floor(random() * 7);
      if (event === 0) {
        terminal.printed += data;
        coming += data;
      } else if (event <= 2) {
        wanted += data;
        place.type(bytes(data));
        const sent = text(place.pull());
        terminal.typed += event === 1 ? sent : sent.slice(0, data.length / 2);
      } else if (event === 3) {
        const piece = coming.slice(0, data.length);
        coming = coming.slice(data.length);
        shown += piece;
        place.received(piece.length);
      } else if (event === 4) {
        place.took(terminal.typed.length);
      } else if (event === 5 && place.owesAcknowledgement) {
        terminal.seen = place.acknowledge().seen;
      }
      if (event === 2 || event === 6) {
        coming = terminal.greet(place);
        terminal.typed += text(place.pull());
      }
    }
    shown += terminal.greet(place);
    terminal.typed += text(place.pull());
    expect(shown).toBe(terminal.printed);
    expect(terminal.typed).toBe(wanted);
  }
});

test("what is typed before the first greeting is typed after it", () => {
  const place = new TerminalPlace();
  place.type(bytes("ls\n"));
  expect(place.pull()).toHaveLength(0);
  expect(place.greet({ offset: 0, typed: 0, known: false })).toBe(false);
  expect(text(place.pull())).toBe("ls\n");
});

test("a terminal that has forgotten the viewer gets nothing twice", () => {
  const place = new TerminalPlace();
  place.greet({ offset: 0, typed: 0, known: false });
  place.type(bytes("rm x\n"));
  place.pull();
  place.connected();
  expect(place.greet({ offset: 900, typed: 0, known: false })).toBe(false);
  expect(place.pull()).toHaveLength(0);
  place.type(bytes("z"));
  expect(text(place.pull())).toBe("z");
});

test("output is acknowledged at once when it is much", () => {
  const place = new TerminalPlace();
  place.greet({ offset: 5, typed: 0, known: false });
  expect(place.owesAcknowledgement).toBe(false);
  place.received(1);
  expect([place.owesAcknowledgement, place.isDue]).toEqual([true, false]);
  place.received(ACKNOWLEDGE_BYTES);
  expect(place.isDue).toBe(true);
  expect(place.acknowledge()).toEqual({ seen: 6 + ACKNOWLEDGE_BYTES });
  expect(place.owesAcknowledgement).toBe(false);
});

test("input that nobody takes is bounded", () => {
  const place = new TerminalPlace();
  expect(place.type(new Uint8Array(INPUT_LIMIT))).toBe(true);
  expect(place.type(bytes("x"))).toBe(false);
});

test("viewers have ids of their own that the server takes", () => {
  const ids = new Set(Array.from({ length: 20 }, () => new TerminalPlace().viewer));
  expect(ids.size).toBe(20);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
});
