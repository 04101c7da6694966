import { useSyncExternalStore } from "react";

const TICK_MS = 1000;
let now = Date.now();
let timer: number | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

const frozen = () => () => undefined;

function current(): number {
  // The first reader after a pause gets the time of its own rendering, and all readers of a tick the same.
  if (Math.abs(Date.now() - now) > TICK_MS) now = Date.now();
  return now;
}

/** The time, second by second while `ticking`; one clock for the whole page. */
export function useNow(ticking = true): Date {
  return new Date(useSyncExternalStore(ticking ? subscribe : frozen, current));
}
