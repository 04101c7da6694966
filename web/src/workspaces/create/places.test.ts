import { describe, expect, test } from "vitest";
import { placeFor, placesOf } from "./places";

const DOMAINS = ["development", "staging", "production"];
const PROJECTS = [
  { name: "default", you: {} },
  { name: "maps", you: { "": "viewer" as const } },
  { name: "vision", you: { staging: "developer" as const, production: "viewer" as const } },
];

describe("where one may have workspaces", () => {
  test("a member in the domains of the membership, everybody who works in the default project", () => {
    expect(placesOf({ role: "developer" }, PROJECTS)).toEqual([
      { project: "default", domains: DOMAINS },
      { project: "vision", domains: ["staging"] },
    ]);
    expect(placesOf({ role: "viewer" }, PROJECTS)).toEqual([{ project: "vision", domains: ["staging"] }]);
  });

  test("who looks after the installation everywhere, who audits it nowhere", () => {
    expect(placesOf({ role: "admin" }, PROJECTS).map(({ project }) => project)).toEqual([
      "default",
      "maps",
      "vision",
    ]);
    expect(placesOf({ role: "auditor" }, PROJECTS)).toEqual([]);
    expect(placesOf(undefined, PROJECTS)).toEqual([]);
  });

  test("what is wanted is taken where one may, else the nearest to it", () => {
    const places = placesOf({ role: "developer" }, PROJECTS);
    const wanted = { project: "vision", domain: "development" };
    expect(placeFor(wanted, places)).toEqual({ project: "vision", domain: "staging" });
    expect(placeFor({ project: "gone", domain: "staging" }, places)).toEqual({
      project: "default",
      domain: "staging",
    });
    expect(placeFor(wanted, undefined)).toEqual(wanted);
    expect(placeFor(wanted, [])).toEqual(wanted);
  });
});
