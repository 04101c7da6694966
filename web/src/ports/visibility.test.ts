import { expect, test } from "vitest";
import type { Server } from "~/api/types";
import { ceilingOf, isWithin, livesFor } from "./visibility";

const server = (settings: Record<string, unknown>) => ({ settings }) as unknown as Server;

test("a ceiling keeps what is wider out, and a server that says nothing has none", () => {
  const project = ceilingOf(server({ port_visibility_ceiling: "project", public_port_max_hours: 24 }));
  expect(isWithin("project", project)).toBe(true);
  expect(isWithin("public", project)).toBe(false);
  expect(isWithin("public", ceilingOf(undefined))).toBe(true);
});

test.each([
  [24, ["3600", "28800", "86400"]],
  [0, ["3600", "28800", "86400", "604800"]],
])("public for at most %d hours", (publicHours, values) => {
  expect(livesFor("public", { visibility: "public", publicHours }).map(({ value }) => value)).toEqual(values);
});

test("only what the project sees may stay open without an end", () => {
  const ceiling = ceilingOf(undefined);
  expect(livesFor("project", ceiling)[0]).toEqual({ value: "", label: "until you close it" });
  expect(livesFor("public", ceiling).some(({ value }) => value === "")).toBe(false);
  expect(livesFor("private", ceiling)).toEqual([]);
});
