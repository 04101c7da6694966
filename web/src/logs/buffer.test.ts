import { expect, test, vi } from "vitest";
import { LogBuffer } from "./buffer";

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const line = (text: string, stream = "build") => ({ stream, text, at: "2025-01-01T00:00:00Z" });

test("many appends are told once per frame", async () => {
  const buffer = new LogBuffer();
  const listener = vi.fn();
  buffer.subscribe(listener);
  buffer.append([line("a")]);
  buffer.append([line("b")]);
  expect(buffer.getLines()).toEqual([]);
  await frame();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(buffer.getLines().map(({ text, number }) => [number, text])).toEqual([
    [1, "a"],
    [2, "b"],
  ]);
});

test("each stream carries its own colour into its next line", async () => {
  const buffer = new LogBuffer();
  buffer.append([line("\x1b[31mred"), line("plain", "hook"), line("still red")]);
  await frame();
  expect(buffer.getLines().map(({ style }) => style)).toEqual([{}, {}, { fg: 1 }]);
});

test("the oldest lines are dropped and numbers stay", async () => {
  const buffer = new LogBuffer(10);
  for (let i = 1; i <= 6000; i += 1) buffer.append([line(String(i))]);
  await frame();
  const lines = buffer.getLines();
  expect(lines.length).toBeLessThanOrEqual(10 + 5000);
  expect(lines.at(-1)).toMatchObject({ number: 6000, text: "6000" });
  expect(buffer.dropped()).toBe(6000 - lines.length);
});
