import { describe, expect, test } from "vitest";
import { parameter, size, template, templateDetail } from "~/test/template";
import {
  asksForSource,
  checkTemplateValues,
  firstValues,
  isFine,
  shadowedIn,
  templateErrorsFrom,
  toTemplateRequest,
  ttlChoices,
} from "./form";
import { OWN } from "./sizes";

const policy = templateDetail().policy;
const open = templateDetail({
  parameters: [parameter({ name: "team", default: "web" })],
  sizes: { small: size(1, 2) },
});
const values = firstValues(open, "desk");

describe("the form of a template", () => {
  test("a source is asked for where the template has none, and only then sent", () => {
    const fixed = templateDetail({ workspace: { source: "https://git.example.org/app" } });
    expect([open, templateDetail({ workspace: { source: "" } }), fixed].map(asksForSource)).toEqual([
      true,
      true,
      false,
    ]);
    const asked = { ...values, address: " https://git.example.org/a ", ref: "dev" };
    expect(toTemplateRequest(open, asked, "").source).toEqual({
      kind: "git",
      url: "https://git.example.org/a",
      ref: "dev",
    });
    expect(toTemplateRequest(fixed, asked, "").source).toBeUndefined();
    expect(toTemplateRequest(open, values, "").source).toBeUndefined();
    expect(checkTemplateValues(open, { ...values, address: "x y" }).address).toMatch(/spaces/);
  });

  test("a size by its name or by numbers, never both", () => {
    expect(toTemplateRequest(open, { ...values, size: "size:small" }, "3")).toEqual({
      name: "desk",
      template: { name: "python", version: "3", parameters: {}, size: "small" },
    });
    const own = { cpus: "2", memory: "4", gpus: "" };
    expect(toTemplateRequest(open, { ...values, size: OWN, own, ttl: "1800" }, "")).toEqual({
      name: "desk",
      template: { name: "python", version: "", parameters: {} },
      limits: size(2, 4),
      retention: { ttl_seconds: 1800 },
    });
  });

  test("what is fine has no errors, and a problem of the server is shown where it belongs", () => {
    expect(isFine(checkTemplateValues(open, values))).toBe(true);
    expect(isFine(checkTemplateValues(open, { ...values, name: "9" }))).toBe(false);
    const told = (kind: string) => templateErrorsFrom(open, { kind, title: "No", status: 409, hint: "" });
    expect(told("name_taken")).toEqual({ name: "No", parameters: {}, size: {} });
    expect(told("over_quota").size).toEqual({ size: "No" });
    expect(isFine(told("bad_configuration"))).toBe(true);
  });

  test("a project's own template of the name comes before everybody's, and that is told", () => {
    const catalog = [template(), template({ project: "vision" })];
    expect(shadowedIn("vision", template(), catalog)).toMatch(/vision has a template python of its own/);
    expect(shadowedIn("default", template(), catalog)).toBeUndefined();
    expect(shadowedIn("vision", template({ project: "vision" }), catalog)).toBeUndefined();
  });

  test("only times of idleness that its policy allows are offered", () => {
    const offered = (change: object, workspace = {}) =>
      ttlChoices({ policy: { ...policy, ...change }, workspace }).map(({ value, label }) => value || label);
    expect(offered({})).toEqual(["As the template says", "1800", "7200", "28800", "0"]);
    expect(offered({ ttl_seconds: 3600, ttl_min_seconds: 3600, ttl_max_seconds: 10_000 })).toEqual([
      "As the template says (1 h)",
      "7200",
    ]);
    expect(offered({}, { ttl_seconds: 600 })[0]).toBe("As the template says (10 min)");
  });
});
