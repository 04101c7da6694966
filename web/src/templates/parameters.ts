/** Values of a template's parameters, by the same rules as the server's templates/parameters.py: checked while typing, decided there. */
import type { ProblemDocument, TemplateParameter } from "~/api/types";

export type ParameterValue = string | number | boolean;
/** What stands in the fields, by the parameter's name; empty: nothing was chosen. */
export type Written = Record<string, string>;

const MOST_CHARACTERS = 500;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** How a parameter is called where people are asked. */
export function titleOf({ title, name }: Pick<TemplateParameter, "title" | "name">): string {
  return title || name;
}

/** The fields as they are first shown: what was said before where it still fits, else the default. */
export function firstWritten(
  parameters: readonly TemplateParameter[],
  before: Record<string, ParameterValue> = {},
): Written {
  return Object.fromEntries(
    parameters.map((parameter) => {
      const kept = before[parameter.name];
      const fits = kept !== undefined && problemWithValue(parameter, String(kept)) === undefined;
      return [parameter.name, String(fits ? kept : (parameter.default ?? ""))];
    }),
  );
}

/** What is wrong with what stands in a field, or undefined. */
export function problemWithValue(parameter: TemplateParameter, text: string): string | undefined {
  const isMissing = text === "" && (parameter.default === null || parameter.type !== "string");
  switch (parameter.type) {
    case "boolean":
    case "choice":
      return isMissing ? "Choose one." : problemWithChoice(parameter, text);
    case "number":
      return isMissing ? "Give a number." : problemWithNumber(parameter, text.trim());
    case "string":
      return isMissing ? "It is needed." : problemWithText(parameter, text);
  }
}

function problemWithChoice({ type, choices }: TemplateParameter, text: string): string | undefined {
  const offered = type === "boolean" ? ["true", "false"] : choices;
  return offered.includes(text) ? undefined : `It is none of the choices: ${offered.join(", ")}.`;
}

function problemWithNumber(parameter: TemplateParameter, text: string): string | undefined {
  if (!NUMBER.test(text)) return "Give a number.";
  const value = Number(text);
  const { whole, minimum, maximum } = parameter;
  if (whole && !Number.isInteger(value)) return "A whole number, please.";
  if (minimum !== null && value < minimum) return `It is too small; the least is ${minimum}.`;
  if (maximum !== null && value > maximum) return `It is too large; the most is ${maximum}.`;
  return undefined;
}

function problemWithText({ pattern }: TemplateParameter, text: string): string | undefined {
  if (text.length > MOST_CHARACTERS) return `At most ${MOST_CHARACTERS} characters; this has ${text.length}.`;
  return pattern === "" || mayMatch(pattern, text) ? undefined : `It does not match ${pattern}`;
}

/** Whether the server could take a text: its expressions are Python's, and what cannot be told here is its to say. */
function mayMatch(pattern: string, text: string): boolean {
  // `\w` and `\d` mean more letters there than here.
  if (!/^[\x20-\x7e]*$/.test(text)) return true;
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    return true;
  }
}

/** Everything that is wrong, by the parameter's name. */
export function problemsWith(parameters: readonly TemplateParameter[], written: Written): Written {
  const wrong: Written = {};
  for (const parameter of parameters) {
    const problem = problemWithValue(parameter, written[parameter.name] ?? "");
    if (problem) wrong[parameter.name] = problem;
  }
  return wrong;
}

function valueOf({ type }: TemplateParameter, text: string): ParameterValue {
  if (type === "number") return Number(text);
  return type === "boolean" ? text === "true" : text;
}

/** What is sent: the values that are others than `unless` says already. */
export function chosen(
  parameters: readonly TemplateParameter[],
  written: Written,
  unless: Record<string, ParameterValue | null> = defaultsOf(parameters),
): Record<string, ParameterValue> {
  const values = parameters.map(
    (parameter) => [parameter.name, valueOf(parameter, written[parameter.name] ?? "")] as const,
  );
  return Object.fromEntries(values.filter(([name, value]) => unless[name] !== value));
}

function defaultsOf(parameters: readonly TemplateParameter[]): Record<string, ParameterValue | null> {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]));
}

/** The parameters that a problem of the server is about, each with what to say there. */
export function errorsAt(parameters: readonly TemplateParameter[], problem: ProblemDocument): Written {
  const known = new Set(parameters.map(({ name }) => name));
  const errors: Written = {};
  for (const { loc, msg } of problem.errors ?? []) {
    const name = loc.map(String).findLast((part) => known.has(part));
    if (name && loc.includes("parameters")) errors[name] = msg;
  }
  if (problem.kind === "bad_value" && problem.detail?.startsWith(LISTED)) {
    const told = problem.detail
      .slice(LISTED.length)
      .replace(/\.$/, "")
      .split(/; (?=')/);
    for (const one of told) {
      const [, name = "", message = ""] = /^'([^']+)': (.*)$/s.exec(one) ?? [];
      // Told as a whole where one of them has no field.
      if (!known.has(name)) return {};
      errors[name] = message;
    }
  }
  return errors;
}

/** How the server begins a list of all parameters that do not fit. */
const LISTED = "Parameters of the template: ";

/** The parameters that somebody has to look at when a workspace takes another version: new, or no longer fitting. */
export function askedAnew(
  parameters: readonly TemplateParameter[],
  before: Record<string, ParameterValue>,
): TemplateParameter[] {
  return parameters.filter((parameter) => {
    const kept = before[parameter.name];
    return kept === undefined || problemWithValue(parameter, String(kept)) !== undefined;
  });
}

/** Text of a template, with the titles of what people say in the places where it comes. */
export function withTitles(parameters: readonly TemplateParameter[], text: string): string {
  return text.replace(/\$\{parameters\.([\w-]+)\}/g, (place, name: string) => {
    const parameter = parameters.find((one) => one.name === name);
    return parameter ? `‹${titleOf(parameter)}›` : place;
  });
}

/** A value, as people read it. */
export function shown(value: ParameterValue | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}
