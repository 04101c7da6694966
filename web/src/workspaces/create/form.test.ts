import { describe, expect, test } from "vitest";
import type { Quota } from "~/api/types";
import { checkValues, EMPTY, errorsFrom, sizeChoices, toRequest } from "./form";
import { whatIsLeft, whyNothing } from "./quota";

const filled = { ...EMPTY, address: " https://example.org/ana/blog ", name: "Blog" };

describe("the form that makes a workspace", () => {
  test("only what was chosen is sent", () => {
    expect(toRequest(filled)).toEqual({
      name: "blog",
      source: { kind: "git", url: "https://example.org/ana/blog", ref: "" },
    });
    expect(toRequest({ ...filled, size: "2:4", ttl: "0", devcontainer: "a.json", ref: "dev" })).toMatchObject(
      {
        source: { ref: "dev" },
        limits: { cpus: 2, memory_bytes: 4 * 2 ** 30 },
        retention: { ttl_seconds: 0 },
        devcontainer: "a.json",
      },
    );
  });

  test("bad values are named at their fields", () => {
    expect(checkValues(filled)).toEqual({});
    expect(Object.keys(checkValues({ ...EMPTY, devcontainer: "../x" })).sort()).toEqual([
      "address",
      "devcontainer",
      "name",
    ]);
  });

  test("a problem of the server is shown where it belongs", () => {
    const problem = { kind: "name_taken", title: "The name is taken", status: 409, hint: "Choose another." };
    expect(errorsFrom(problem)).toEqual({ name: "The name is taken Choose another." });
    expect(errorsFrom({ kind: "internal", title: "x", status: 500 })).toEqual({});
    expect(
      errorsFrom({
        kind: "malformed_request",
        title: "x",
        status: 422,
        errors: [{ loc: ["body", "source", "git", "url"], msg: "too long" }],
      }),
    ).toEqual({ address: "too long" });
  });

  test("what the limits do not allow is said before anything is sent", () => {
    const GIB = 2 ** 30;
    const none = {
      workspaces: null,
      running: null,
      cpus: null,
      memory_bytes: null,
      gpus: 0,
      disk_bytes: null,
    };
    const quota = {
      workspace: { ...none, cpus: 8 },
      most: { ...none, cpus: 8, memory_bytes: 4 * GIB },
      running_left: 1,
      workspaces_left: null,
      create_problem: null,
      start_problem: null,
    } as unknown as Quota;
    const offered = sizeChoices(undefined, quota);
    expect(offered.map(({ value }) => value)).toEqual(["", "1:2", "2:4", "4:8", "8:16"]);
    expect(offered.filter(({ disabled }) => disabled).map(({ value }) => value)).toEqual(["4:8", "8:16"]);
    expect(checkValues({ ...filled, size: "2:4" }, quota)).toEqual({});
    expect(checkValues({ ...filled, size: "4:8" }, quota).size).toMatch(
      /8 CPUs and 4 GiB of memory are left/,
    );
    expect(checkValues({ ...filled, size: "16:32" }, quota).size).toMatch(/8 CPUs at most/);
    expect(whatIsLeft(quota)).toBe("1 more may run, 8 CPUs and 4 GiB of memory for the next one at most");
    const full = { kind: "over_quota", title: "A limit is reached", status: 409 };
    expect(whyNothing({ ...quota, start_problem: full })).toEqual(full);
    expect(whyNothing(quota)).toBeUndefined();
  });

  test("no size is offered that the machine does not have", () => {
    const values = sizeChoices({ cpus: 2, memory_bytes: 8 * 2 ** 30 }).map(({ value }) => value);
    expect(values).toEqual(["", "1:2", "2:4"]);
    expect(sizeChoices(undefined).length).toBeGreaterThan(3);
  });
});
