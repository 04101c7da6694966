import { expect, test } from "vitest";
import { bytesOf, controlFrame, inputFrame, readFrame, textOf } from "./frames";

const server = (channel: number, text: string) =>
  new Uint8Array([channel, ...new TextEncoder().encode(text)]).buffer;

test("input and control carry their channel", () => {
  expect([...inputFrame(textOf("é"))]).toEqual([0, 0xc3, 0xa9]);
  expect([...inputFrame(bytesOf("\xff"))]).toEqual([0, 0xff]);
  expect(controlFrame({ resize: { cols: 80, rows: 24 } })[0]).toBe(3);
});

test("output and control are read", () => {
  for (const channel of [1, 2]) {
    const read = readFrame(server(channel, "hi"));
    expect(read.kind === "output" && [...read.bytes]).toEqual([0x68, 0x69]);
  }
  expect(readFrame(server(3, '{"exit":{"status":0}}'))).toEqual({
    kind: "control",
    control: { exit: { status: 0 } },
  });
});

test.each(["", "[]", "null", "{", "7"])("control %j of another version is ignored", (text) => {
  expect(readFrame(server(3, text))).toEqual({ kind: "unknown" });
});

test("unknown channels and empty frames are ignored", () => {
  expect(readFrame(server(9, "x"))).toEqual({ kind: "unknown" });
  expect(readFrame(new ArrayBuffer(0))).toEqual({ kind: "unknown" });
});
