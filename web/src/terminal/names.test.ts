import { expect, test } from "vitest";
import { freeName, namesOf, nextAfter } from "./names";

test("the terminal that is shown is listed before it is made", () => {
  expect(namesOf([{ name: "build" }], "main")).toEqual(["build", "main"]);
  expect(namesOf([{ name: "build" }, { name: "main" }], "main")).toEqual(["build", "main"]);
});

test("a new terminal has a name that none has", () => {
  expect(freeName([])).toBe("main");
  expect(freeName(["main"])).toBe("terminal-2");
  expect(freeName(["main", "terminal-2", "terminal-4"])).toBe("terminal-3");
});

test("after a terminal was closed another one is shown", () => {
  expect(nextAfter(["away", "main", "terminal-2"], "terminal-2")).toBe("main");
  expect(nextAfter(["a", "b", "c"], "c")).toBe("b");
  expect(nextAfter(["a", "b"], "a")).toBe("b");
  expect(nextAfter(["main"], "main")).toBe("main");
});
