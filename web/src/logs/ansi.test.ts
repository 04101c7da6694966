import { describe, expect, test } from "vitest";
import { cssColor, parseAnsi, PLAIN, styleAfter } from "./ansi";

const ESC = "\x1b";
const text = (line: string) =>
  parseAnsi(line)
    .segments.map((segment) => segment.text)
    .join("");

describe("parseAnsi", () => {
  test("a plain line is one segment", () => {
    expect(parseAnsi("hello")).toEqual({ segments: [{ text: "hello", style: PLAIN }], style: PLAIN });
    expect(parseAnsi("").segments).toEqual([]);
  });

  test("colours begin, change and end", () => {
    expect(parseAnsi(`a${ESC}[31;1mb${ESC}[22mc${ESC}[0md`).segments).toEqual([
      { text: "a", style: {} },
      { text: "b", style: { fg: 1, bold: true } },
      { text: "c", style: { fg: 1 } },
      { text: "d", style: {} },
    ]);
  });

  test("a colour lasts into the next line", () => {
    const first = parseAnsi(`${ESC}[32mone`);
    expect(parseAnsi("two", first.style).segments).toEqual([{ text: "two", style: { fg: 2 } }]);
    expect(styleAfter(`${ESC}[32mone`, PLAIN)).toEqual({ fg: 2 });
    expect(styleAfter("two", first.style)).toBe(first.style);
  });

  test.each([
    ["38;5;208", 208],
    ["38:5:208", 208],
    ["38;2;1;2;255", "#0102ff"],
    ["38:2::1:2:255", "#0102ff"],
    ["97", 15],
  ])("foreground %s is %j", (code, fg) => {
    expect(parseAnsi(`${ESC}[${code}mx`).segments[0]?.style.fg).toBe(fg);
  });

  test.each(["38;5", "38;5;999", "38;2;1;2", "38;2;1;2;999", "38", "38;7", "58", "999"])(
    "bad SGR %j colours nothing",
    (code) => {
      expect(parseAnsi(`${ESC}[${code}mx`).segments).toEqual([{ text: "x", style: {} }]);
    },
  );

  test("what follows an extended colour still counts", () => {
    expect(parseAnsi(`${ESC}[38;5;9;4mx`).segments[0]?.style).toEqual({ fg: 9, underline: true });
  });

  test.each([
    [`${ESC}[2Kx${ESC}[1;5Hy`, "xy"],
    [`${ESC}]0;title\x07x`, "x"],
    [`${ESC}]8;;http://example.org${ESC}\\link${ESC}]8;;${ESC}\\`, "link"],
    [`${ESC}(Bx${ESC}=y`, "xy"],
    [`${ESC}[?25lx`, "x"],
    ["a\x07b\x00c\td", "abc\td"],
    [`x${ESC}`, "x"],
    [`x${ESC}[31`, "x31"],
    [`x${ESC}]unfinished`, "x"],
  ])("%j shows %j", (line, shown) => {
    expect(text(line)).toBe(shown);
  });

  test("the last writing of a rewritten line is shown", () => {
    expect(text("10%\r50%\r100%")).toBe("100%");
    expect(text("done\r")).toBe("done");
    expect(text("\r")).toBe("");
  });

  test("no control character is left, whatever comes", () => {
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const alphabet = [ESC, "[", "]", "3", ";", ":", "m", "\\", "\x07", "\r", "a", "(", "?", "\x9b", "P"];
    for (let round = 0; round < 2000; round += 1) {
      const line = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join("");
      // eslint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(text(line)).not.toMatch(/[\x00-\x08\x0a-\x1f]/);
    }
  });
});

test("the table of 256 colours", () => {
  expect(cssColor(3)).toBe("var(--ansi-3)");
  expect(cssColor(16)).toBe("rgb(0 0 0)");
  expect(cssColor(208)).toBe("rgb(255 135 0)");
  expect(cssColor(255)).toBe("rgb(238 238 238)");
  expect(cssColor("#010203")).toBe("#010203");
});
