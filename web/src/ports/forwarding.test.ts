import { expect, test } from "vitest";
import { port } from "~/test/workspace";
import { isAnnounced, listening, newlyListening, wantsBrowser } from "./forwarding";

test.each([
  ["notify", true, false],
  ["openBrowser", true, true],
  ["openBrowserOnce", true, true],
  ["openPreview", true, true],
  ["silent", false, false],
  ["ignore", false, false],
])("onAutoForward %j: announced %j, offered as a page %j", (on_auto_forward, announced, offered) => {
  expect(isAnnounced(port({ on_auto_forward }))).toBe(announced);
  expect(wantsBrowser(port({ on_auto_forward }))).toBe(offered);
});

test("only what did not listen before is told of, once", () => {
  const ports = [port({ port: 3000 }), port({ port: 5000 }), port({ port: 7000, listening: false })];
  const before = listening([port({ port: 3000 })]);
  expect(newlyListening(before, ports).map((one) => one.port)).toEqual([5000]);
  expect(newlyListening(listening(ports), ports)).toEqual([]);
});

test("nobody is told of a port that they may not open", () => {
  expect(newlyListening(new Set(), [port({ may_open: false })])).toEqual([]);
});
