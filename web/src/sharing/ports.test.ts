import { expect, test } from "vitest";
import { portFrom, portsFrom } from "./ports";

test.each([
  ["8080", 8080],
  [" 1 ", 1],
  ["65535", 65_535],
])("%j is port %d", (text, port) => {
  expect(portFrom(text)).toBe(port);
});

test.each(["", "0", "65536", "99999", "-1", "080", "80a", "8080/tcp"])("%j is none", (text) => {
  expect(portFrom(text)).toBeUndefined();
});

test("a list of choices and typed ones becomes its ports, each once", () => {
  expect(portsFrom(["3000 Preview", "8080", "3000", "no"])).toEqual([3000, 8080]);
});
