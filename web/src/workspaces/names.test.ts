import { describe, expect, test } from "vitest";
import { freeName, nameFromSource, problemWithName, suggestName } from "./names";

describe("names", () => {
  test.each([
    ["https://github.com/ana/blog", "blog"],
    ["https://github.com/ana/blog.git", "blog"],
    ["https://github.com/ana/My_Blog.js/", "my-blog-js"],
    ["git@example.org:ana/blog.git", "blog"],
    ["git@example.org:blog.git", "blog"],
    ["https://example.org/123-go", "go"],
    ["https://example.org/2024", "workspace"],
    ["https://example.org/api", "workspace"],
    ["", "workspace"],
  ])("the repository %j becomes %j", (url, name) => {
    expect(nameFromSource(url)).toBe(name);
  });

  test.each(["a", "blog", "a-1-b", "x".repeat(40)])("%j is usable", (name) => {
    expect(problemWithName(name)).toBeUndefined();
  });

  test.each(["", "1a", "-a", "a-", "a--b", "a_b", "ä", "api", "x".repeat(41)])(
    "%j is refused with a reason",
    (name) => {
      expect(problemWithName(name)).toMatch(/\.$/);
    },
  );

  test("every suggestion is usable", () => {
    for (const text of ["", "--", "Ünï cödé", "9lives", "x".repeat(39) + "-y", "a--b__c", "LOGIN"]) {
      expect(problemWithName(suggestName(text))).toBeUndefined();
    }
  });

  test("a taken name gets the first free number", () => {
    expect(freeName("blog", new Set())).toBe("blog");
    expect(freeName("blog", new Set(["blog", "blog-2"]))).toBe("blog-3");
    const long = "x".repeat(40);
    expect(problemWithName(freeName(long, new Set([long])))).toBeUndefined();
  });
});
