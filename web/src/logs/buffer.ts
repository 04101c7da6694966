/** The lines of a log as they come: cheap to append to, bounded, and told to the page once per frame. */
import { PLAIN, styleAfter, type Style } from "./ansi";

export interface BufferedLine {
  /** Counts from 1 and never changes, also when older lines are dropped. */
  number: number;
  text: string;
  stream: string;
  at: string;
  /** The style in which the line begins. */
  style: Style;
}

export const MAX_LINES = 100_000;
/** Dropping a slice at a time keeps appending cheap. */
const SLACK = 5_000;

export class LogBuffer {
  private lines: BufferedLine[] = [];
  private count = 0;
  private readonly styles = new Map<string, Style>();
  private readonly listeners = new Set<() => void>();
  private snapshot: readonly BufferedLine[] = [];
  private frame: number | undefined;
  private readonly capacity: number;

  constructor(capacity = MAX_LINES) {
    this.capacity = capacity;
  }

  append(entries: readonly { stream: string; text: string; at: string }[]): void {
    for (const { stream, text, at } of entries) {
      const style = this.styles.get(stream) ?? PLAIN;
      this.count += 1;
      this.lines.push({ number: this.count, text, stream, at, style });
      this.styles.set(stream, styleAfter(text, style));
    }
    if (this.lines.length > this.capacity + SLACK) this.lines = this.lines.slice(-this.capacity);
    this.schedule();
  }

  clear(): void {
    this.lines = [];
    this.count = 0;
    this.styles.clear();
    this.schedule();
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The lines of the last frame; the same array until they change. */
  readonly getLines = (): readonly BufferedLine[] => this.snapshot;

  /** Lines that were dropped because the log is longer than the page keeps. */
  dropped(): number {
    return this.count - this.lines.length;
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.snapshot = this.lines.slice();
      for (const listener of this.listeners) listener();
    });
  }
}
