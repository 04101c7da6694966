import { expect, test } from "vitest";
import { ticks, waterfalls } from "./waterfall";

const span = (name: string, from: number, to: number, start = 1) => ({
  name,
  began: new Date(from).toISOString(),
  ended: new Date(to).toISOString(),
  start,
  detail: "",
});

test("bars lie where their spans were, the newest start first", () => {
  const [second, first] = waterfalls([
    span("source", 1000, 2000),
    span("wait", 0, 1000),
    span("start", 9000, 9500, 2),
    span("build", 2000, 4000),
  ]);
  expect(second).toMatchObject({ start: 2, totalMs: 500 });
  expect(first?.bars.map(({ name, left, width }) => [name, left, width])).toEqual([
    ["wait", 0, 25],
    ["source", 25, 25],
    ["build", 50, 50],
  ]);
});

test("a long pause before an app was opened is left out", () => {
  const [only] = waterfalls([span("start", 0, 10_000), span("first_byte", 7_200_000, 7_210_000)]);
  expect(only?.totalMs).toBe(50_000);
  expect(only?.bars[1]).toMatchObject({ offsetMs: 40_000, durationMs: 10_000, left: 80, width: 20 });
});

test("no spans, no waterfalls; an instant is not divided by", () => {
  expect(waterfalls([])).toEqual([]);
  expect(waterfalls([span("wait", 5, 5)])[0]?.bars[0]).toMatchObject({ left: 0, width: 0 });
});

test.each([
  [1000, [0, 500, 1000]],
  [4200, [0, 2000, 4000]],
  [90, [0, 50]],
  [1, [0, 0.5, 1]],
])("ticks of %d ms", (total, expected) => {
  expect(ticks(total)).toEqual(expected);
});
