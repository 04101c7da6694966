/** Uploads into one workspace: a few at a time, each with its progress; they go on while other pages are looked at. */
import { asProblem } from "~/api/problem";
import type { ProblemDocument } from "~/api/types";
import { join } from "./paths";
import { startUpload, type RunningUpload } from "./upload";

const AT_ONCE = 2;

export type UploadState = "waiting" | "sending" | "done" | "exists" | "failed" | "cancelled";

export interface UploadItem {
  id: number;
  /** Below the folder into which it goes. */
  name: string;
  folder: string;
  size: number;
  sent: number;
  state: UploadState;
  problem?: ProblemDocument;
}

/** A file that somebody chose, with its path below the chosen folder. */
export interface Chosen {
  name: string;
  file: Blob;
}

type Start = typeof startUpload;

export class Uploads {
  private items: readonly UploadItem[] = [];
  private readonly files = new Map<number, Blob>();
  private readonly running = new Map<number, RunningUpload>();
  private readonly overwriting = new Set<number>();
  private readonly listeners = new Set<() => void>();
  private last = 0;

  private readonly workspaceId: string;
  private readonly onDone: (folder: string) => void;
  private readonly start: Start;

  constructor(
    workspaceId: string,
    onDone: (folder: string) => void = () => undefined,
    start: Start = startUpload,
  ) {
    this.workspaceId = workspaceId;
    this.onDone = onDone;
    this.start = start;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): readonly UploadItem[] => this.items;

  add(folder: string, chosen: readonly Chosen[]): void {
    const added = chosen.map(({ name, file }): UploadItem => {
      this.last += 1;
      this.files.set(this.last, file);
      return { id: this.last, name, folder, size: file.size, sent: 0, state: "waiting" };
    });
    this.tell([...this.items, ...added]);
    this.next();
  }

  cancel(id: number): void {
    this.change(id, { state: "cancelled" });
    this.running.get(id)?.cancel();
    this.next();
  }

  /** Once more; over what is there, where somebody said so. */
  retry(id: number, overwrite: boolean): void {
    if (overwrite) this.overwriting.add(id);
    this.change(id, { state: "waiting", sent: 0 });
    this.next();
  }

  /** Forget what is over. */
  clear(): void {
    this.tell(this.items.filter(({ state }) => state === "waiting" || state === "sending"));
    const kept = new Set(this.items.map(({ id }) => id));
    for (const id of this.files.keys()) if (!kept.has(id)) this.files.delete(id);
  }

  private next(): void {
    for (const item of this.items) {
      if (this.running.size >= AT_ONCE) return;
      if (item.state === "waiting" && !this.running.has(item.id)) void this.send(item);
    }
  }

  private async send({ id, folder, name }: UploadItem): Promise<void> {
    const file = this.files.get(id);
    if (!file) return;
    const running = this.start({
      workspaceId: this.workspaceId,
      path: join(folder, name),
      file,
      overwrite: this.overwriting.has(id),
      parents: name.includes("/"),
      onProgress: (sent) => this.change(id, { sent }),
    });
    this.running.set(id, running);
    this.change(id, { state: "sending" });
    try {
      await running.done;
      this.change(id, { state: "done", sent: file.size });
      this.onDone(folder);
    } catch (error) {
      if (this.stateOf(id) !== "cancelled") {
        const problem = asProblem(error);
        this.change(id, { state: problem.kind === "file_exists" ? "exists" : "failed", problem });
      }
    } finally {
      this.running.delete(id);
      this.next();
    }
  }

  private stateOf(id: number): UploadState | undefined {
    return this.items.find((item) => item.id === id)?.state;
  }

  private change(id: number, change: Partial<UploadItem>): void {
    this.tell(this.items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  }

  private tell(items: readonly UploadItem[]): void {
    this.items = items;
    for (const listener of this.listeners) listener();
  }
}
