import { describe, expect, test } from "vitest";
import { parameter, size, templateDetail } from "~/test/template";
import { changesBetween } from "./changes";

const before = templateDetail({
  workspace: {
    container_image: { name: "web", packages: ["pytest"] },
    env: { LOG_LEVEL: "info" },
    description: "always ${parameters.old}",
    apps: [{ name: "docs", port: 8000 }],
  },
  parameters: [
    parameter({ name: "level", default: "info" }),
    parameter({ name: "old", type: "boolean", default: true }),
  ],
  sizes: { small: size(1, 2) },
  files: [
    { path: "template.yaml", size: 10 },
    { path: "Dockerfile", size: 1 },
  ],
});

describe("what changes with another version", () => {
  test("nothing, where both say the same", () => {
    expect(changesBetween(before, { ...before, version: 2, title: "Another title" })).toEqual([]);
  });

  test("each value under its path, and what is asked, allowed and laid beside", () => {
    const after = templateDetail({
      workspace: {
        container_image: { name: "web", packages: ["pytest", "ruff"] },
        env: { LOG_LEVEL: "info", DEBUG: true },
        description: "by ${parameters.team} and ${secrets.x}",
        apps: [{ name: "docs", port: 8001 }],
      },
      parameters: [
        parameter({
          name: "level",
          type: "choice",
          choices: ["info", "debug"],
          default: "info",
          mutable: true,
        }),
        parameter({ name: "team", title: "Team" }),
      ],
      sizes: { small: size(2, 2) },
      ceiling: size(4, 8),
      grants: ["gpus"],
      update: "at_start",
      files: [
        { path: "template.yaml", size: 90 },
        { path: "Dockerfile", size: 20 },
      ],
    });
    expect(changesBetween(before, after)).toEqual([
      { what: "container_image.packages", before: "pytest", after: "pytest, ruff" },
      { what: "description", before: "always ‹old›", after: "by ‹Team› and ${secrets.x}" },
      { what: "apps[1].port", before: "8000", after: "8001" },
      { what: "env.DEBUG", before: "", after: "true" },
      {
        what: "parameter level",
        before: "string, default info",
        after: "one of info, debug, default info, may be changed later",
      },
      { what: "parameter old", before: "boolean, default yes", after: "" },
      { what: "parameter team", before: "", after: "string, needed" },
      { what: "size small", before: "1 CPU, 2 GiB of memory", after: "2 CPUs, 2 GiB of memory" },
      { what: "ceiling", before: "", after: "4 CPUs, 8 GiB of memory" },
      { what: "grant gpus", before: "", after: "gpus" },
      { what: "update", before: "on_demand", after: "at_start" },
      { what: "file Dockerfile", before: "1 byte", after: "20 bytes" },
    ]);
  });
});
