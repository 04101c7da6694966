import { describe, expect, test } from "vitest";
import { parameter } from "~/test/template";
import { askedAnew, chosen, errorsAt, firstWritten, problemsWith, problemWithValue } from "./parameters";

const team = parameter({ name: "team", pattern: "[a-z]{2,8}" });
const gpus = parameter({ name: "gpus", type: "number", whole: true, minimum: 0, maximum: 2, default: 0 });
const licence = parameter({ name: "licence", type: "boolean" });
const python = parameter({ name: "python", type: "choice", choices: ["3.11", "3.12"], default: "3.12" });
const all = [team, gpus, licence, python];

describe("values of parameters", () => {
  test.each([
    ["a needed text that is empty", team, "", /needed/],
    ["a text that does not match", team, "A1", /does not match \[a-z\]/],
    ["only a part that matches", team, "abcdefghij", /does not match/],
    ["a text that is too long", parameter({}), "x".repeat(501), /501/],
    ["a number that is none", gpus, "two", /Give a number/],
    ["a number in another notation", gpus, "0x2", /Give a number/],
    ["a fraction of a whole number", gpus, "1.5", /whole/],
    ["a number below the least", gpus, "-1", /the least is 0/],
    ["a number above the most", gpus, "3", /the most is 2/],
    ["yes or no that was not said", licence, "", /Choose/],
    ["a choice that there is not", python, "3.13", /3.11, 3.12/],
  ])("%s is told", (_, one, text, told) => {
    expect(problemWithValue(one, text)).toMatch(told);
  });

  test.each([
    ["a text that matches", team, "web"],
    ["an empty text with a default", parameter({ default: "x" }), ""],
    ["letters that only the server can judge", team, "münchen"],
    ["an expression of Python's", parameter({ pattern: "(?i)web\\Z" }), "Web"],
    ["a number", gpus, " 2 "],
    ["no", licence, "false"],
  ])("%s is let through", (_, one, text) => {
    expect(problemWithValue(one, text)).toBeUndefined();
  });

  test("fields begin with the defaults, or with what was said before where it still fits", () => {
    expect(firstWritten(all)).toEqual({ team: "", gpus: "0", licence: "", python: "3.12" });
    expect(firstWritten(all, { team: "web", gpus: 9, licence: false })).toEqual({
      team: "web",
      gpus: "0",
      licence: "false",
      python: "3.12",
    });
  });

  test("only what differs is sent, each as its type", () => {
    const written = { team: "web", gpus: "2", licence: "true", python: "3.12" };
    expect(problemsWith(all, written)).toEqual({});
    expect(chosen(all, written)).toEqual({ team: "web", gpus: 2, licence: true });
    expect(chosen(all, written, { team: "web", gpus: 1, licence: true, python: "3.12" })).toEqual({
      gpus: 2,
    });
  });

  test("what the server refuses stands at the fields that it names", () => {
    const refused = (detail: string) =>
      errorsAt(all, { kind: "bad_value", title: "A value is not possible", status: 422, detail });
    expect(
      refused("Parameters of the template: 'gpus': 3 is too large; the most is 2; 'team': it is missing."),
    ).toEqual({ gpus: "3 is too large; the most is 2", team: "it is missing" });
    expect(refused("Parameters of the template: 'nope': the template has no such parameter.")).toEqual({});
    expect(refused("The template says the image.")).toEqual({});
    const errors = [{ loc: ["body", "template", "parameters", "team"], msg: "too long" }];
    expect(errorsAt(all, { kind: "malformed_request", title: "", status: 422, errors })).toEqual({
      team: "too long",
    });
  });

  test("another version asks for what is new and for what no longer fits", () => {
    const names = askedAnew(all, { team: "web", gpus: 9, python: "3.11" }).map(({ name }) => name);
    expect(names).toEqual(["gpus", "licence"]);
  });
});
