/** What is different in another version of a template, as somebody reads it before taking it. */
import type { TemplateDetail, TemplateParameter } from "~/api/types";
import { shown, withTitles } from "../parameters";
import { sizeWords } from "../sizes";

export interface Change {
  /** What it is about: `CPU`, `parameter python`, `workspace env.LOG_LEVEL`. */
  what: string;
  /** Empty: it is new. */
  before: string;
  /** Empty: it is gone. */
  after: string;
}

/** Every difference between two versions, what decides how the workspace runs first. */
export function changesBetween(before: TemplateDetail, after: TemplateDetail): Change[] {
  return [
    ...compare("", workspaceOf(before), workspaceOf(after)),
    ...parameterChanges(before.parameters, after.parameters),
    ...compare("size ", sizesOf(before), sizesOf(after)),
    ...compare("", ceilingOf(before), ceilingOf(after)),
    ...compare(
      "grant ",
      new Map(before.grants.map((one) => [one, one])),
      new Map(after.grants.map((one) => [one, one])),
    ),
    ...compare("", new Map([["update", before.update]]), new Map([["update", after.update]])),
    ...fileChanges(before, after),
  ];
}

function compare(prefix: string, before: Map<string, string>, after: Map<string, string>): Change[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((name) => ({
      what: prefix + name,
      before: before.get(name) ?? "",
      after: after.get(name) ?? "",
    }))
    .filter((change) => change.before !== change.after);
}

function workspaceOf({ parameters, workspace }: TemplateDetail): Map<string, string> {
  return new Map([...leaves(workspace)].map(([path, text]) => [path, withTitles(parameters, text)]));
}

/** Each value of a document under its path; a list of plain values is one of them. */
function leaves(value: unknown, path = ""): Map<string, string> {
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return new Map([[path, value.map(String).join(", ") || "none"]]);
    return new Map(value.flatMap((item, index) => [...leaves(item, `${path}[${index + 1}]`)]));
  }
  if (typeof value === "object" && value !== null) {
    return new Map(
      Object.entries(value).flatMap(([key, item]) => [...leaves(item, path ? `${path}.${key}` : key)]),
    );
  }
  return new Map([
    [path, typeof value === "string" ? value : value == null ? "none" : JSON.stringify(value)],
  ]);
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function parameterChanges(
  before: readonly TemplateParameter[],
  after: readonly TemplateParameter[],
): Change[] {
  const words = (parameters: readonly TemplateParameter[]) =>
    new Map(parameters.map((parameter) => [parameter.name, parameterWords(parameter)]));
  return compare("parameter ", words(before), words(after));
}

function parameterWords(parameter: TemplateParameter): string {
  const { type, choices, pattern, minimum, maximum, whole, mutable } = parameter;
  const parts = [
    type === "choice" ? `one of ${choices.join(", ")}` : whole ? "whole number" : type,
    pattern && `like ${pattern}`,
    minimum !== null && `at least ${minimum}`,
    maximum !== null && `at most ${maximum}`,
    parameter.default === null ? "needed" : `default ${shown(parameter.default) || "empty"}`,
    mutable && "may be changed later",
  ];
  return parts.filter(Boolean).join(", ");
}

function sizesOf({ sizes }: TemplateDetail): Map<string, string> {
  return new Map(Object.entries(sizes).map(([name, size]) => [name, sizeWords(size)]));
}

function ceilingOf({ ceiling }: TemplateDetail): Map<string, string> {
  return new Map(ceiling ? [["ceiling", sizeWords(ceiling) || "none"]] : []);
}

function fileChanges(before: TemplateDetail, after: TemplateDetail): Change[] {
  const sizes = ({ files }: TemplateDetail) =>
    new Map(
      files
        .filter(({ path }) => path !== "template.yaml")
        .map(({ path, size }) => [path, `${size} ${size === 1 ? "byte" : "bytes"}`]),
    );
  return compare("file ", sizes(before), sizes(after));
}
