/** The WebSocket of one terminal: opened again after a loss, until the terminal has ended. */
import type { ProblemDocument } from "~/api/types";
import { delayBefore } from "~/live/follow";
import { binaryInputFrame, controlFrame, inputFrame, readFrame, type Control } from "./frames";

export type ConnectionState = "connecting" | "open" | "lost" | "ended" | "refused";

interface ConnectionEvents {
  onOutput: (bytes: Uint8Array) => void;
  /** A connection was made: the terminal's scrollback follows. */
  onOpen: () => void;
  onState: (state: ConnectionState, words: string) => void;
}

export interface Size {
  cols: number;
  rows: number;
}

/** Close code of a terminal that ended by itself. */
const NORMAL = 1000;
/** Close codes from here on are our server's: refusals, which trying again does not mend. */
const REFUSALS_FROM = 4000;

interface Exit {
  status?: number | null;
  signal?: string;
}

function wordsFor(exit: Exit): string {
  if (exit.signal) return `It was ended by the signal ${exit.signal}.`;
  return exit.status ? `It ended with exit code ${exit.status}.` : "It ended.";
}

export class TerminalConnection {
  private socket: WebSocket | undefined;
  private attempt = 0;
  private timer: number | undefined;
  private closed = false;
  private size: Size | undefined;
  private readonly url: string;
  private readonly events: ConnectionEvents;

  constructor(url: string, events: ConnectionEvents) {
    this.url = url;
    this.events = events;
  }

  open(size: Size): void {
    this.size = size;
    this.events.onState(this.attempt === 0 ? "connecting" : "lost", "");
    const address = new URL(this.url, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("cols", String(size.cols));
    address.searchParams.set("rows", String(size.rows));
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.events.onOpen();
      this.events.onState("open", "");
      if (this.size) this.resize(this.size);
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.receive(data);
    socket.onclose = (event) => this.lost(event);
  }

  type(text: string): void {
    this.send(inputFrame(text));
  }

  typeBinary(binary: string): void {
    this.send(binaryInputFrame(binary));
  }

  resize(size: Size): void {
    this.size = size;
    this.send(controlFrame({ resize: { cols: size.cols, rows: size.rows } }));
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close(NORMAL);
  }

  private send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  private receive(data: ArrayBuffer): void {
    const frame = readFrame(data);
    if (frame.kind === "output") this.events.onOutput(frame.bytes);
    else if (frame.kind === "control") this.obey(frame.control);
  }

  private obey(control: Control): void {
    const { exit, problem } = control as { exit?: Exit; problem?: ProblemDocument };
    if (exit) {
      this.closed = true;
      this.events.onState("ended", wordsFor(exit));
    } else if (problem) {
      this.closed = true;
      this.events.onState("refused", [problem.title, problem.detail].filter(Boolean).join(": "));
    }
  }

  private lost(event: CloseEvent): void {
    if (this.closed) return;
    if (event.code === NORMAL) {
      this.events.onState("ended", event.reason || "It ended.");
    } else if (event.code >= REFUSALS_FROM) {
      this.events.onState("refused", event.reason);
    } else {
      this.events.onState("lost", "");
      this.timer = window.setTimeout(
        () => this.open(this.size ?? { cols: 80, rows: 24 }),
        delayBefore(this.attempt),
      );
      this.attempt += 1;
    }
  }
}
