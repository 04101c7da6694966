import { describe, expect, test } from "vitest";
import type { Project, Role } from "~/api/types";
import { looksAfter, managesProjects, readsAuditOf, whatYouAre } from "./rights";

const EVERYWHERE = ["", "development", "staging", "production"];

function project(you: Project["you"], name = "web") {
  return { name, you };
}

describe("who says who is a member", () => {
  const cases: readonly (readonly [Role, Project["you"], readonly string[]])[] = [
    ["admin", {}, EVERYWHERE],
    ["owner", {}, EVERYWHERE],
    ["developer", {}, []],
    ["developer", { "": "developer" }, []],
    ["developer", { "": "maintainer" }, EVERYWHERE],
    ["viewer", { staging: "maintainer", production: "viewer" }, ["staging"]],
    ["maintainer", {}, []],
    ["auditor", { "": "maintainer" }, []],
    ["guest", {}, []],
  ];
  test.each(cases)("%s who is %j", (role, you, domains) => {
    expect(looksAfter({ role }, project(you))).toEqual(domains);
  });

  test("the default project is looked after by the maintainers of the installation", () => {
    expect(looksAfter({ role: "maintainer" }, project({}, "default"))).toEqual(EVERYWHERE);
    expect(looksAfter({ role: "developer" }, project({}, "default"))).toEqual([]);
  });
});

test("who looks after nothing makes no projects and reads no audit; an auditor reads all of it", () => {
  expect(managesProjects({ role: "maintainer" })).toBe(false);
  expect(managesProjects(null)).toBe(false);
  expect(readsAuditOf({ role: "developer" }, project({ "": "developer" }))).toBe(false);
  expect(readsAuditOf({ role: "developer" }, project({ staging: "maintainer" }))).toBe(true);
  expect(readsAuditOf({ role: "auditor" }, project({}))).toBe(true);
});

test("what one is, is told for all domains first", () => {
  expect(whatYouAre({ you: {} })).toBe("");
  expect(whatYouAre({ you: { staging: "maintainer", "": "developer" } })).toBe(
    "developer, maintainer in staging",
  );
});
