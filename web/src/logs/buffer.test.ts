// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { LogBuffer } from "./buffer";

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

test("many appends are told once per frame", async () => {
  const buffer = new LogBuffer();
  const listener = vi.fn();
  buffer.subscribe(listener);
  buffer.append("a\n");
  buffer.append("b\n");
  expect(buffer.getLines()).toEqual([]);
  await frame();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(buffer.getLines().map(({ text, number }) => [number, text])).toEqual([
    [1, "a"],
    [2, "b"],
  ]);
});

test("a line that comes in pieces is one line, and empty lines stay", async () => {
  const whole = "one\n\ntwo\r\nthree";
  for (let at = 0; at <= whole.length; at += 1) {
    const buffer = new LogBuffer();
    buffer.append(whole.slice(0, at));
    buffer.append(whole.slice(at));
    await frame();
    expect(buffer.getLines().map(({ text }) => text)).toEqual(["one", "", "two\r", "three"]);
  }
});

test("a colour lasts into the next line", async () => {
  const buffer = new LogBuffer();
  buffer.append("\x1b[3");
  buffer.append("1mred\nstill red\x1b[0m\nplain\n");
  await frame();
  expect(buffer.getLines().map(({ style }) => style)).toEqual([{}, { fg: 1 }, {}]);
});

test("the oldest lines are dropped and numbers stay", async () => {
  const buffer = new LogBuffer(10);
  for (let i = 1; i <= 6000; i += 1) buffer.append(`${i}\n`);
  await frame();
  const lines = buffer.getLines();
  expect(lines.length).toBeLessThanOrEqual(10 + 5000);
  expect(lines.at(-1)).toMatchObject({ number: 6000, text: "6000" });
});
