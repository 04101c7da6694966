/** The lines of one log as they come: cheap to append to, bounded, and told to the page once per frame. */
import { PLAIN, styleAfter, type Style } from "./ansi";

export interface BufferedLine {
  /** Counts from 1 and never changes, also when older lines are dropped. */
  number: number;
  text: string;
  /** The style in which the line begins. */
  style: Style;
}

export const MAX_LINES = 100_000;
/** Dropping a slice at a time keeps appending cheap. */
const SLACK = 5_000;

export class LogBuffer {
  private lines: BufferedLine[] = [];
  private count = 0;
  /** The last line is not ended yet: what comes next belongs to it. */
  private open = false;
  private style: Style = PLAIN;
  private readonly listeners = new Set<() => void>();
  private snapshot: readonly BufferedLine[] = [];
  private frame: number | undefined;
  private readonly capacity: number;

  constructor(capacity = MAX_LINES) {
    this.capacity = capacity;
  }

  /** Take text as it was written: any number of lines, the last perhaps not ended. */
  append(text: string): void {
    if (text === "") return;
    const pieces = text.split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      this.write(piece);
      this.open = false;
    }
    if (rest !== "") {
      this.write(rest);
      this.open = true;
    }
    if (this.lines.length > this.capacity + SLACK) this.lines = this.lines.slice(-this.capacity);
    this.schedule();
  }

  clear(): void {
    this.lines = [];
    this.count = 0;
    this.open = false;
    this.style = PLAIN;
    this.schedule();
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The lines of the last frame; the same array until they change. */
  readonly getLines = (): readonly BufferedLine[] => this.snapshot;

  private write(piece: string): void {
    const last = this.lines.at(-1);
    if (this.open && last) {
      const whole = { ...last, text: last.text + piece };
      this.lines[this.lines.length - 1] = whole;
      this.style = styleAfter(whole.text, whole.style);
      return;
    }
    this.count += 1;
    this.lines.push({ number: this.count, text: piece, style: this.style });
    this.style = styleAfter(piece, this.style);
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.snapshot = this.lines.slice();
      for (const listener of this.listeners) listener();
    });
  }
}
