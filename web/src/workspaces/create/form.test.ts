import { describe, expect, test } from "vitest";
import { checkValues, EMPTY, errorsFrom, sizeChoices, toRequest } from "./form";

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

  test("no size is offered that the machine does not have", () => {
    const values = sizeChoices({ cpus: 2, memory_bytes: 8 * 2 ** 30 }).map(({ value }) => value);
    expect(values).toEqual(["", "1:2", "2:4"]);
    expect(sizeChoices(undefined).length).toBeGreaterThan(3);
  });
});
