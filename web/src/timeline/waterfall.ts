/** Spans of one start laid out as bars. */
import type { Span } from "~/api/types";

export interface Bar {
  name: string;
  label: string;
  detail: string;
  /** Milliseconds since the start began, long pauses left out. */
  offsetMs: number;
  durationMs: number;
  /** Percent of the whole. */
  left: number;
  width: number;
}

export interface Waterfall {
  start: number;
  began: Date;
  totalMs: number;
  bars: Bar[];
  /** Positions of the grid, in milliseconds. */
  ticks: number[];
}

const LABELS: Record<string, string> = {
  wait: "Wait for a turn",
  toolbox: "Toolbox",
  volumes: "Create the volumes",
  home: "Fill the home folder",
  stop: "Stop the containers",
  remove: "Remove the old containers",
  source: "Fetch the source",
  environment: "Read the configuration",
  build: "Build the image",
  create: "Create the containers",
  start: "Start the containers",
  agent: "Reach the agent",
  hooks: "Life-cycle hooks",
  app: "Start the app",
  first_byte: "First byte of the app",
};

/** The waterfalls of all starts, the newest first. */
export function waterfalls(spans: readonly Span[]): Waterfall[] {
  const byStart = new Map<number, Span[]>();
  for (const span of spans) byStart.set(span.start, [...(byStart.get(span.start) ?? []), span]);
  return [...byStart.entries()].sort(([a], [b]) => b - a).map(([start, own]) => layOut(start, own));
}

/** What is drawn of a longer time in which nothing was under way: an app may be opened hours after the start. */
const PAUSE_MS = 30_000;

function layOut(start: number, spans: readonly Span[]): Waterfall {
  const times = spans.map((span) => ({ span, began: Date.parse(span.began), ended: Date.parse(span.ended) }));
  times.sort((a, b) => a.began - b.began || a.ended - b.ended);
  const first = Math.min(...times.map(({ began }) => began));
  let busyUntil = first;
  let skipped = 0;
  const placed = times.map(({ span, began, ended }) => {
    skipped += Math.max(0, began - busyUntil - PAUSE_MS);
    busyUntil = Math.max(busyUntil, ended);
    return { span, offsetMs: began - first - skipped, durationMs: Math.max(0, ended - began) };
  });
  const totalMs = Math.max(1, ...placed.map(({ offsetMs, durationMs }) => offsetMs + durationMs));
  const bars = placed.map(({ span, offsetMs, durationMs }): Bar => {
    return {
      name: span.name,
      label: LABELS[span.name] ?? span.name,
      detail: span.detail,
      offsetMs,
      durationMs,
      left: (offsetMs / totalMs) * 100,
      width: (durationMs / totalMs) * 100,
    };
  });
  return { start, began: new Date(first), totalMs, bars, ticks: ticks(totalMs) };
}

/** Two to five round steps over `totalMs`, beginning with 0. */
export function ticks(totalMs: number): number[] {
  const rough = totalMs / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => index * step);
}
