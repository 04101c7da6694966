import { expect, test } from "vitest";
import { parseDuration, typedDuration } from "./duration";

test.each([
  ["90s", 90],
  ["30m", 1800],
  ["30 min", 1800],
  ["1h30m", 5400],
  ["2 h 5 min", 7500],
  ["1.5h", 5400],
  ["2D", 172_800],
  ["1w", 604_800],
  ["600", 600],
  ["0", 0],
  [" Never ", 0],
  ["none", 0],
])("%j is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "soon", "5x", "-1", "1h-", "h", "5 minutes", "1,5h"])("%j is no length of time", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([0, 1, 59, 60, 1800, 5400, 86_399, 86_400, 90_061, 604_800, 1_209_601])(
  "%d seconds are typed so that they are read again as the same",
  (seconds) => {
    expect(parseDuration(typedDuration(seconds))).toBe(seconds);
  },
);

test("only the units that are needed are typed", () => {
  expect(typedDuration(1800)).toBe("30m");
  expect(typedDuration(5400)).toBe("1h30m");
  expect(typedDuration(1_209_600)).toBe("14d");
});
