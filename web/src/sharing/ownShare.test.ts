import { expect, test } from "vitest";
import type { WorkspaceEvent } from "~/api/types";
import { ownShare } from "./ownShare";

const event = (kind: string, data: Record<string, unknown>) => ({ kind, data }) as unknown as WorkspaceEvent;

test("the latest word about somebody counts", () => {
  const events = [
    event("shared", { user: "bo", share: "s1" }),
    event("shared", { user: "cleo", share: "s2" }),
    event("unshared", { user: "cleo", share: "s2" }),
    event("shared", { user: "bo", share: "s3" }),
    event("shared", { user: "", guest: "Kim", share: "s4" }),
  ];
  expect(ownShare(events, "bo")).toBe("s3");
  expect(ownShare(events, "cleo")).toBeUndefined();
  expect(ownShare(events, "ana")).toBeUndefined();
});
