import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TerminalConnection, type ConnectionState, type Size } from "./connection";

/** The browser's WebSocket, with this test at its other end. */
class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = FakeSocket.CONNECTING;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly url: URL;
  readonly sent: Uint8Array[] = [];

  constructor(url: URL) {
    this.url = new URL(url);
    FakeSocket.all.push(this);
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }

  greet(greeting: Record<string, unknown>): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
    this.say({ terminal: { offset: 0, typed: 0, known: false, ...greeting } });
  }

  say(message: unknown): void {
    this.frame(3, JSON.stringify(message));
  }

  print(text: string): void {
    this.frame(1, text);
  }

  break(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  private frame(channel: number, text: string): void {
    this.onmessage?.({ data: new Uint8Array([channel, ...new TextEncoder().encode(text)]).buffer });
  }

  get typed(): string {
    return this.of(0).join("");
  }

  get told(): unknown[] {
    return this.of(3).map((text): unknown => JSON.parse(text));
  }

  private of(channel: number): string[] {
    return this.sent
      .filter((frame) => frame[0] === channel)
      .map((frame) => new TextDecoder().decode(frame.subarray(1)));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function newest(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (!socket) throw new Error("nobody connected");
  return socket;
}

function opened({ readOnly = false, refused = undefined as string | undefined, holdsBack = false } = {}) {
  const seen = {
    shown: "",
    resets: 0,
    states: [] as [ConnectionState, string][],
    attached: 0,
    size: undefined as Size | undefined,
  };
  const parsed: (() => void)[] = [];
  const connection = new TerminalConnection({
    url: "/api/v1/workspaces/w1/terminals/main",
    readOnly,
    events: {
      onOutput: (bytes, done) => {
        seen.shown += new TextDecoder().decode(bytes);
        if (holdsBack) parsed.push(done);
        else done();
      },
      onReset: () => (seen.resets += 1),
      onState: (state, words) => seen.states.push([state, words]),
      onNews: ({ size, attached }) => {
        seen.size = size ?? seen.size;
        seen.attached = attached ?? seen.attached;
      },
      whyRefused: () => Promise.resolve(refused),
    },
  });
  connection.open({ cols: 80, rows: 24 });
  return { connection, seen, parsed, socket: newest };
}

test("a lost connection goes on in the same place, in both directions", async () => {
  const { connection, seen, socket } = opened();
  const first = socket();
  first.greet({ offset: 100 });
  first.print("hello");
  connection.type("ls\n");
  first.say({ typed: 2 });
  first.break();
  expect(seen.states.at(-1)?.[0]).toBe("lost");
  connection.type("pwd\n");
  await vi.advanceTimersByTimeAsync(1000);
  const second = socket();
  expect(second).not.toBe(first);
  expect(second.url.searchParams.get("from")).toBe("105");
  expect(second.url.searchParams.get("viewer")).toBe(first.url.searchParams.get("viewer"));
  expect(second.typed).toBe("");
  second.greet({ offset: 105, typed: 3, known: true });
  second.print(" world");
  expect(second.typed).toBe("pwd\n");
  expect([seen.shown, seen.resets, seen.states.at(-1)?.[0]]).toEqual(["hello world", 0, "open"]);
  connection.close();
});

test("where output was lost the screen begins anew", async () => {
  const { connection, seen, socket } = opened();
  socket().greet({});
  socket().print("old");
  socket().break();
  await vi.advanceTimersByTimeAsync(1000);
  socket().greet({ offset: 9000 });
  expect(seen.resets).toBe(1);
  connection.close();
});

test("what was received is acknowledged soon, and nothing while the screen is far behind", async () => {
  const { connection, socket, parsed } = opened({ holdsBack: true });
  socket().greet({});
  socket().print("abc");
  expect(socket().told).toEqual([]);
  await vi.advanceTimersByTimeAsync(150);
  expect(socket().told).toEqual([{ seen: 3 }]);
  const megabyte = "x".repeat(1024 * 1024);
  socket().print(megabyte);
  socket().print(megabyte);
  const told = socket().told.length;
  socket().print(megabyte);
  await vi.advanceTimersByTimeAsync(500);
  expect(socket().told).toHaveLength(told);
  for (const done of parsed) done();
  await vi.advanceTimersByTimeAsync(500);
  expect(socket().told.at(-1)).toEqual({ seen: 3 + 3 * 1024 * 1024 });
  connection.close();
});

test("a connection that went silent is replaced", async () => {
  const { connection, socket } = opened();
  const first = socket();
  first.greet({});
  await vi.advanceTimersByTimeAsync(11_500);
  expect(first.told).toEqual([{ ping: 1 }]);
  first.say({ pong: 1 });
  await vi.advanceTimersByTimeAsync(8000);
  expect(socket()).toBe(first);
  connection.type("x");
  await vi.advanceTimersByTimeAsync(12_000);
  expect(socket()).not.toBe(first);
  connection.close();
});

test("the end is told, and nobody comes back", async () => {
  const { seen, socket } = opened();
  socket().greet({});
  socket().say({ exit: { status: 3 } });
  socket().break();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(seen.states.at(-1)).toEqual(["ended", "It ended with exit code 3."]);
});

test("a terminal that ended meanwhile is not made anew", async () => {
  const { seen, socket } = opened();
  socket().greet({});
  socket().break();
  await vi.advanceTimersByTimeAsync(1000);
  socket().say({ problem: { kind: "not_found", title: "There is no such thing" } });
  expect(seen.states.at(-1)).toEqual(["ended", "It ended while the connection was lost."]);
});

test("an agent that cannot be reached is asked again; a refusal is told", async () => {
  const { connection, seen, socket } = opened();
  socket().greet({});
  socket().say({ problem: { kind: "agent_unreachable", title: "The agent does not answer" } });
  socket().break();
  await vi.advanceTimersByTimeAsync(1000);
  expect(FakeSocket.all).toHaveLength(2);
  socket().say({
    problem: { kind: "not_authenticated", title: "Sign in", detail: "The session has ended." },
  });
  expect(seen.states.at(-1)).toEqual(["refused", "Sign in: The session has ended."]);
  connection.close();
});

test("a handshake that is refused for good says why", async () => {
  const { seen, socket } = opened({ refused: "You may not." });
  socket().break();
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.states.at(-1)).toEqual(["refused", "You may not."]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});

test("who only looks on sends neither keys nor sizes, and hears of both", () => {
  const { connection, seen, socket } = opened({ readOnly: true });
  expect(socket().url.searchParams.get("read_only")).toBe("true");
  socket().greet({ cols: 100, rows: 30, attached: 2 });
  connection.type("rm -rf /\n");
  connection.typeBinary("x");
  connection.resize({ cols: 1, rows: 1 });
  expect(socket().sent).toHaveLength(0);
  socket().say({ cols: 90, rows: 20, attached: 3 });
  expect([seen.size, seen.attached]).toEqual([{ cols: 90, rows: 20 }, 3]);
  connection.close();
  expect(socket().told).toEqual([{ bye: true }]);
});
