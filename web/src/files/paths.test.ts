import { expect, test } from "vitest";
import { crumbsOf, downloadAddress, join } from "./paths";

test("each folder above is a step back", () => {
  expect(crumbsOf("/workspaces/my blog")).toEqual([
    { name: "/", path: "/" },
    { name: "workspaces", path: "/workspaces" },
    { name: "my blog", path: "/workspaces/my blog" },
  ]);
  expect(crumbsOf("/")).toEqual([{ name: "/", path: "/" }]);
});

test("names are joined with one slash, also at the root", () => {
  expect(join("/a", "b")).toBe("/a/b");
  expect(join("/", "b")).toBe("/b");
});

test("whatever a name has, it stays one parameter of the address", () => {
  const address = new URL(downloadAddress("w1", "/a&b=c/#d ?é+"), "http://x");
  expect(address.searchParams.get("path")).toBe("/a&b=c/#d ?é+");
  expect([...address.searchParams.keys()]).toEqual(["path"]);
});
