import { describe, expect, test } from "vitest";
import type { Phase, WorkspaceEvent } from "~/api/types";
import { startSteps } from "./steps";

const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 12, 0, second)).toISOString();

function history(
  ...entries: [second: number, kind: string, data?: Record<string, unknown>][]
): WorkspaceEvent[] {
  return entries.map(([second, kind, data = {}], index) => ({
    number: index + 1,
    workspace: "w",
    kind,
    at: at(second),
    data,
  }));
}

const phase = (second: number, to: Phase): [number, string, Record<string, unknown>] => [
  second,
  "phase_changed",
  { phase: to },
];

const summary = (current: Phase, events: WorkspaceEvent[]) =>
  startSteps(current, events).steps.map(({ state, began, ended }) => [
    state,
    began && ended ? (ended.getTime() - began.getTime()) / 1000 : undefined,
  ]);

describe("startSteps", () => {
  test("a first start in the middle of its build", () => {
    const events = history(
      [0, "created"],
      phase(1, "cloning"),
      [3, "source_fetched", { commit: "0123456789ab", branch: "main" }],
      phase(4, "building"),
    );
    expect(summary("building", events)).toEqual([
      ["done", 1],
      ["done", 3],
      ["current", undefined],
      ["todo", undefined],
      ["todo", undefined],
    ]);
    expect(startSteps("building", events).steps[1]?.note).toBe("main · 01234567");
  });

  test("a start of a stopped workspace skips what is there, and counts from itself", () => {
    const events = history(
      [0, "created"],
      phase(1, "cloning"),
      phase(9, "running"),
      phase(20, "stopping"),
      phase(21, "stopped"),
      phase(60, "starting"),
      phase(61, "running"),
    );
    expect(summary("running", events)).toEqual([
      ["skipped", undefined],
      ["skipped", undefined],
      ["skipped", undefined],
      ["done", 1],
      ["done", undefined],
    ]);
    const { began, ended } = startSteps("running", events);
    expect([began, ended]).toEqual([new Date(at(60)), new Date(at(61))]);
  });

  test("a failed build names the step that failed", () => {
    const events = history([0, "created"], phase(1, "cloning"), phase(2, "building"), phase(9, "failed"));
    expect(summary("failed", events).map(([state]) => state)).toEqual([
      "done",
      "done",
      "failed",
      "todo",
      "todo",
    ]);
  });

  test("without events the phase alone decides", () => {
    expect(summary("cloning", []).map(([state]) => state)).toEqual([
      "skipped",
      "current",
      "todo",
      "todo",
      "todo",
    ]);
  });
});
