import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { WorkspaceEvent } from "~/api/types";
import { DESCRIBED_KINDS, describeEvent } from "./describe";
import { mergeEvents } from "./useWorkspaceEvents";

const event = (number: number, kind = "created", data: WorkspaceEvent["data"] = {}): WorkspaceEvent => ({
  number,
  workspace: "w",
  kind,
  at: "2025-01-01T00:00:00Z",
  data,
});

describe("describeEvent", () => {
  test("every kind of the server's table has words", () => {
    const table = readFileSync("../src/carrel/core/events.py", "utf8");
    const kinds = [...table.matchAll(/^ {4}"(\w+)": "/gm)].map(([, kind]) => kind);
    expect(kinds.length).toBeGreaterThan(15);
    expect(DESCRIBED_KINDS.toSorted()).toEqual(kinds.toSorted());
  });

  test("particulars are told", () => {
    expect(describeEvent(event(1, "ready", { took_ms: 3200 }))).toEqual({
      title: "Ready to work in",
      detail: "after 3.2 s",
      tone: "good",
    });
    expect(describeEvent(event(1, "image_ready", { built: false, image: "x" })).title).toContain(
      "nothing had to be built",
    );
  });

  test("no kind fails without particulars, nor does an unknown one", () => {
    for (const kind of [...DESCRIBED_KINDS, "of_a_newer_server"]) {
      expect(describeEvent(event(1, kind)).title).not.toBe("");
    }
  });
});

test("what a resumed stream tells again is left out", () => {
  const old = [event(1), event(2)];
  expect(mergeEvents(old, [event(2), event(3)]).map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(mergeEvents(old, [event(1)])).toBe(old);
});
