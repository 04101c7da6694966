import { expect, test } from "vitest";
import { formatDistance, formatDuration, formatSeconds } from "./time";

test.each([
  [0, "0.0 s"],
  [-5, "0.0 s"],
  [449, "0.4 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [90_000, "1 min 30 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [49 * 3_600_000, "2 d 1 h"],
])("%d ms is %j", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, "never"],
  [5, "5 s"],
  [1800, "30 min"],
  [86_400, "24 h"],
])("a setting of %d seconds is %j", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [-1000, "just now"],
  [30_000, "in less than a minute"],
  [-300_000, "5 min ago"],
  [7_200_000, "in 2 h"],
  [-40 * 3_600_000, "2 days ago"],
])("%d ms from now is %j", (ms, text) => {
  const now = new Date("2025-01-01T12:00:00Z");
  expect(formatDistance(new Date(now.getTime() + ms), now)).toBe(text);
});
