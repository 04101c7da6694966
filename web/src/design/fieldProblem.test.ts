import { expect, test } from "vitest";
import { Problem } from "~/api/problem";
import { placeProblem } from "./fieldProblem";

const FIELDS = ["name", "ttl_seconds"];

function refused(kind: string, detail?: string, hint?: string) {
  return new Problem({ kind, title: "That is not possible", status: 422, ...{ detail, hint } } as never);
}

test("a refusal is at the field that it names, without the name", () => {
  expect(placeProblem(refused("bad_value", "ttl_seconds: 1 is too short.", "Give 60."), FIELDS)).toEqual({
    field: "ttl_seconds",
    text: "1 is too short. Give 60.",
  });
});

test("a bad or taken name is at the name", () => {
  expect(placeProblem(refused("name_taken", "There is one."), FIELDS).field).toBe("name");
  expect(placeProblem(refused("name_taken", "There is one."), ["description"]).field).toBeUndefined();
});

test("anything else is of no field", () => {
  expect(placeProblem(refused("not_allowed"), FIELDS)).toEqual({
    field: undefined,
    text: "That is not possible",
  });
});
