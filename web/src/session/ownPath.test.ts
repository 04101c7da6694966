import { expect, test } from "vitest";
import { ownPath } from "./ownPath";

test.each(["/", "/workspaces/x?tab=1#a", "/app-login?host=code--blog--ana.localhost&path=%2F"])(
  "%j is followed",
  (path) => {
    expect(ownPath(path)).toBe(path);
  },
);

test.each([
  "",
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/a\\b",
  "evil",
])("%j leads home", (path) => {
  expect(ownPath(path)).toBe("/");
});
