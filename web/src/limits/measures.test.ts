import { expect, test } from "vitest";
import { ceilingsOf, standingOf, valuesOf } from "./measures";

const NONE = {
  workspaces: null,
  running: null,
  cpus: null,
  memory_bytes: null,
  gpus: null,
  disk_bytes: null,
};
const UNUSED = { workspaces: 0, running: 0, cpus: 0, memory_bytes: 0, gpus: 0, disk_bytes: 0 };

test("limits come out of the form as they went in, bytes to the byte", () => {
  const own = { ...NONE, running: 0, cpus: 1.5, memory_bytes: 5_000_000_001, disk_bytes: 2 ** 40 };
  expect(valuesOf(own)).toMatchObject({ workspaces: "", running: 0, cpus: 1.5, disk_bytes: 1024 });
  expect(ceilingsOf(valuesOf(own))).toEqual(own);
});

test("a part of a GiB becomes whole bytes", () => {
  expect(ceilingsOf({ ...valuesOf(NONE), memory_bytes: 0.3 }).memory_bytes).toBe(322_122_547);
});

test("how somebody stands is told with and without a limit", () => {
  const limits = {
    own: { ...NONE, running: 2 },
    ceilings: { ...NONE, running: 2, memory_bytes: 2 ** 33, gpus: 0 },
    used: { ...UNUSED, workspaces: 7, running: 2, memory_bytes: 2 ** 31 },
  };
  expect(standingOf(limits, "workspaces")).toEqual({
    used: "7",
    most: undefined,
    percent: 0,
    isOwn: false,
    isFull: false,
  });
  expect(standingOf(limits, "running")).toMatchObject({ most: "2", percent: 100, isOwn: true, isFull: true });
  expect(standingOf(limits, "memory_bytes")).toMatchObject({ used: "2 GiB", most: "8 GiB", percent: 25 });
  expect(standingOf(limits, "gpus")).toMatchObject({ most: "0", percent: 0, isFull: false });
});
