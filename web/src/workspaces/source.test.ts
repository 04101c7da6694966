import { describe, expect, test } from "vitest";
import { problemWithAddress, readGitAddress, sourceLabel, sourceLink } from "./source";

describe("what people paste", () => {
  test.each([
    ["https://github.com/ana/blog", "https://github.com/ana/blog", ""],
    ["  https://github.com/ana/blog.git ", "https://github.com/ana/blog.git", ""],
    ["https://github.com/ana/blog/tree/feature/x", "https://github.com/ana/blog", "feature/x"],
    ["https://github.com/ana/blog/tree/caf%C3%A9", "https://github.com/ana/blog", "café"],
    ["https://github.com/ana/blog/tree/50%", "https://github.com/ana/blog", "50%"],
    ["https://github.com/ana/blog/pull/42", "https://github.com/ana/blog", "pull/42"],
    ["https://github.com/ana/blog/pull/42/files", "https://github.com/ana/blog", "pull/42"],
    ["https://github.com/ana/blog/commit/abc123", "https://github.com/ana/blog", "abc123"],
    ["https://codeberg.org/ana/blog/src/branch/dev", "https://codeberg.org/ana/blog", "dev"],
    ["https://gitlab.com/a/b/blog/-/tree/dev", "https://gitlab.com/a/b/blog", "dev"],
    [
      "https://gitlab.com/a/b/blog/-/merge_requests/7",
      "https://gitlab.com/a/b/blog",
      "refs/merge-requests/7/head",
    ],
    ["git@example.org:ana/blog.git", "git@example.org:ana/blog.git", ""],
  ])("%j", (text, url, ref) => {
    expect(readGitAddress(text)).toEqual({ url, ref });
  });

  test.each([
    "https://example.org/a/b",
    "http://127.0.0.1:3000/x.git",
    "ssh://git@example.org/a",
    "git@example.org:a/b",
  ])("%j is an address", (text) => expect(problemWithAddress(text)).toBeUndefined());

  test.each(["", "blog", "https://example.org", "ana/blog", "https://a b/c"])("%j is not", (text) => {
    expect(problemWithAddress(text)).toBeDefined();
  });

  test("a token in the address is refused with a way out", () => {
    expect(problemWithAddress("https://ana:secret@example.org/a/b")).toContain("git credential");
  });
});

describe("how a source is shown", () => {
  test.each([
    ["https://github.com/ana/blog.git", "ana/blog"],
    ["https://gitlab.com/group/sub/blog", "sub/blog"],
    ["git@example.org:ana/blog.git", "ana/blog"],
    ["http://127.0.0.1:3000/blog.git", "blog"],
  ])("%j as %j", (url, label) => {
    expect(sourceLabel({ kind: "git", url, ref: "" })).toBe(label);
  });

  test("only web addresses are links", () => {
    expect(sourceLink({ kind: "git", url: "https://example.org/a/b.git", ref: "" })).toBe(
      "https://example.org/a/b",
    );
    expect(sourceLink({ kind: "git", url: "git@example.org:a/b", ref: "" })).toBeUndefined();
    expect(sourceLink({ kind: "git", url: "javascript:alert(1)", ref: "" })).toBeUndefined();
  });
});
