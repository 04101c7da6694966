import { expect, test } from "vitest";
import { lifeOf, problemWithLife, whatItMay } from "./wish";

test.each([
  ["", 0, undefined],
  ["never", 0, undefined],
  ["90d", 0, undefined],
  ["90d", 90, undefined],
  ["30s", 0, "A minute at least."],
  ["soon", 0, "Write 90d, 12h or never."],
  ["soon", 90, "Write 30d or 12h."],
  ["91d", 90, "A token lives 90 days at most here."],
  ["never", 90, "A token lives 90 days at most here."],
])("a life of %j with %d days at most: %j", (text, most, problem) => {
  expect(problemWithLife(text, most)).toBe(problem);
});

test("no life is said for one without an end", () => {
  expect(lifeOf("")).toBeUndefined();
  expect(lifeOf("never")).toBeUndefined();
  expect(lifeOf("12h")).toBe(43_200);
});

test("what a token may do is told with its end", () => {
  expect(whatItMay({ scopes: [], expires_at: null }, "you")).toBe(
    "It may do all that you may do, until it is revoked.",
  );
  expect(whatItMay({ scopes: ["read", "use"], expires_at: "2030-01-01T00:00:00Z" }, "you")).toMatch(
    /^It may do what its scopes say \(read, use\), until .*20(29|30)/,
  );
});
