/** The WebSocket of one terminal: replaced after a loss, in the same place, until the terminal has ended. */
import type { ProblemDocument } from "~/api/types";
import { bytesOf, controlFrame, inputFrame, readFrame, textOf, type Control } from "./frames";
import { TerminalPlace, type Greeting } from "./place";

export type ConnectionState = "connecting" | "open" | "lost" | "ended" | "refused";

export interface Size {
  cols: number;
  rows: number;
}

export interface ConnectionEvents {
  /** Output; `parsed` is called once it is on the screen. */
  onOutput: (bytes: Uint8Array, parsed: () => void) => void;
  /** What follows begins anew: the screen is to be emptied. */
  onReset: () => void;
  onState: (state: ConnectionState, words: string) => void;
  /** The terminal's size and how many are attached, as they change. */
  onNews: (news: { size?: Size; attached?: number }) => void;
  /** Why a connection cannot be had, where that is for good: the server's own words; undefined: trying again may help. */
  whyRefused: () => Promise<string | undefined>;
}

export interface ConnectionOptions {
  url: string;
  readOnly: boolean;
  events: ConnectionEvents;
}

/** Close code of a viewer that does not come back, and of a terminal that has ended. */
const NORMAL = 1000;
const ACKNOWLEDGE_MS = 100;
/** Output that may wait for the screen before no more is acknowledged, and then no more comes. */
const BACKLOG_BYTES = 2 * 1024 * 1024;
/** After so much silence the server is asked whether it is there, */
const SILENCE_MS = 10_000;
/** and after so much more the connection is taken for dead. While somebody types into it, sooner. */
const ANSWER_MS = 5_000;
const TYPING_MS = 2_000;
const LOOK_MS = 1_000;
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
/** Problems that another connection mends. */
const PASSING = new Set(["agent_unreachable", "internal", "unavailable"]);

interface Exit {
  status?: number | null;
  signal?: string;
}

interface Said {
  terminal?: Greeting;
  typed?: number;
  cols?: number;
  rows?: number;
  attached?: number;
  exit?: Exit;
  problem?: ProblemDocument;
}

export class TerminalConnection {
  private readonly place = new TerminalPlace();
  private readonly options: ConnectionOptions;
  private socket: WebSocket | undefined;
  private size: Size = { cols: 80, rows: 24 };
  private attempt = 0;
  private closed = false;
  private retry: number | undefined;
  private acknowledging: number | undefined;
  private looking: number | undefined;
  private backlog = 0;
  private heard = 0;
  private asked = 0;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  open(size: Size): void {
    this.size = size;
    this.options.events.onState("connecting", "");
    this.looking = window.setInterval(() => this.look(), LOOK_MS);
    window.addEventListener("online", this.hurry);
    window.addEventListener("pagehide", this.leave);
    this.connect();
  }

  type(text: string): void {
    this.send(textOf(text));
  }

  typeBinary(binary: string): void {
    this.send(bytesOf(binary));
  }

  resize(size: Size): void {
    this.size = size;
    if (!this.options.readOnly) this.tell({ resize: { cols: size.cols, rows: size.rows } });
  }

  /** Leave for good; the terminal goes on running. */
  close(): void {
    this.leave();
    this.finish();
    this.socket?.close(NORMAL);
  }

  private finish(): void {
    this.closed = true;
    window.clearTimeout(this.retry);
    window.clearTimeout(this.acknowledging);
    window.clearInterval(this.looking);
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("pagehide", this.leave);
  }

  /** The page goes: nobody has to keep anything for it. */
  private readonly leave = (): void => {
    this.tell({ bye: true });
  };

  // --- the connection ---

  private connect(): void {
    const address = new URL(this.options.url, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const query: Record<string, string | number> = { ...this.size, viewer: this.place.viewer };
    if (this.place.seen >= 0) query.from = this.place.seen;
    if (this.options.readOnly) query.read_only = "true";
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.place.connected();
    this.heard = performance.now();
    this.asked = 0;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      if (this.socket === socket) this.receive(data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost(wasOpen);
    };
  }

  private lost(wasOpen: boolean): void {
    if (this.closed) return;
    this.socket = undefined;
    this.place.connected();
    window.clearTimeout(this.acknowledging);
    this.acknowledging = undefined;
    this.options.events.onState(this.place.seen < 0 ? "connecting" : "lost", "");
    // A refused handshake tells a page nothing; a plain request says why.
    if (!wasOpen) void this.askWhy();
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.attempt, LONGEST_DELAY_MS);
    this.attempt += 1;
    this.retry = window.setTimeout(() => this.again(), delay * (0.75 + Math.random() * 0.5));
  }

  private again(): void {
    if (this.closed || this.socket) return;
    // More output would only wait; the terminal keeps it for us.
    if (this.backlog > BACKLOG_BYTES / 2) this.retry = window.setTimeout(() => this.again(), LOOK_MS);
    else this.connect();
  }

  private async askWhy(): Promise<void> {
    const why = await this.options.events.whyRefused();
    if (why === undefined || this.closed || this.place.isAttached) return;
    this.end("refused", why);
  }

  /** The network is back: no need to wait any longer. */
  private readonly hurry = (): void => {
    this.attempt = 0;
    if (this.socket) {
      this.asked = 0;
      this.heard = Math.min(this.heard, performance.now() - SILENCE_MS);
      this.look();
    } else {
      window.clearTimeout(this.retry);
      this.again();
    }
  };

  /** Whether anybody is still there. */
  private look(): void {
    if (!this.socket || this.socket.readyState === WebSocket.CONNECTING) return;
    const now = performance.now();
    if (this.asked > 0 && now - this.asked > ANSWER_MS) {
      this.drop();
    } else if (this.asked === 0 && now - this.heard > (this.place.hasPending ? TYPING_MS : SILENCE_MS)) {
      this.asked = now;
      this.tell({ ping: 1 });
    }
  }

  /** A dead connection would take minutes to close: it is left alone, and another one made. */
  private drop(): void {
    const { socket } = this;
    this.socket = undefined;
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
    this.lost(true);
  }

  // --- to the terminal ---

  private send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.options.readOnly || this.closed) return;
    this.place.type(bytes);
    this.flush();
  }

  private flush(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const bytes = this.place.pull();
    if (bytes.length > 0) this.socket.send(inputFrame(bytes));
  }

  private tell(message: Control): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(controlFrame(message));
  }

  private acknowledge(): void {
    if (this.backlog > BACKLOG_BYTES || !this.place.owesAcknowledgement) return;
    if (this.place.isDue) {
      this.tell({ ...this.place.acknowledge() });
    } else {
      this.acknowledging ??= window.setTimeout(() => {
        this.acknowledging = undefined;
        if (this.backlog <= BACKLOG_BYTES && this.place.owesAcknowledgement)
          this.tell({ ...this.place.acknowledge() });
      }, ACKNOWLEDGE_MS);
    }
  }

  // --- from the terminal ---

  private receive(data: ArrayBuffer): void {
    this.heard = performance.now();
    this.asked = 0;
    const frame = readFrame(data);
    if (frame.kind === "output") this.print(frame.bytes);
    else if (frame.kind === "control") this.obey(frame.control);
  }

  private print(bytes: Uint8Array): void {
    this.place.received(bytes.length);
    this.backlog += bytes.length;
    this.options.events.onOutput(bytes, () => {
      this.backlog -= bytes.length;
      this.acknowledge();
    });
    this.acknowledge();
  }

  private obey(said: Said): void {
    if (said.terminal) this.greeted(said.terminal);
    if (said.typed !== undefined) this.place.took(said.typed);
    if (said.attached !== undefined) this.tellNews(said);
    if (said.exit) {
      this.end("ended", wordsFor(said.exit));
    } else if (said.problem && !PASSING.has(said.problem.kind)) {
      const hasEnded = said.problem.kind === "not_found" && this.place.seen >= 0;
      const words = [said.problem.title, said.problem.detail].filter(Boolean).join(": ");
      this.end(hasEnded ? "ended" : "refused", hasEnded ? "It ended while the connection was lost." : words);
    }
  }

  private end(state: ConnectionState, words: string): void {
    this.finish();
    this.options.events.onState(state, words);
  }

  private greeted(greeting: Greeting): void {
    this.attempt = 0;
    const wasThere = this.place.seen >= 0;
    if (!this.place.greet(greeting) && wasThere) this.options.events.onReset();
    this.options.events.onState("open", "");
    this.tellNews(greeting);
    this.flush();
  }

  private tellNews({ cols, rows, attached }: { cols?: number; rows?: number; attached?: number }): void {
    this.options.events.onNews({
      ...(cols !== undefined && rows !== undefined ? { size: { cols, rows } } : {}),
      ...(attached === undefined ? {} : { attached }),
    });
  }
}

function wordsFor(exit: Exit): string {
  if (exit.signal) return `It was ended by the signal ${exit.signal}.`;
  return exit.status ? `It ended with exit code ${exit.status}.` : "It ended.";
}
