import { asProblem } from "~/api/problem";

export interface PlacedProblem {
  /** Of the field that it is about; undefined: of none of them. */
  field: string | undefined;
  /** What is wrong, and what to do. */
  text: string;
}

/** A refusal at the field that it names: the API begins the detail of a bad value with the member, `ttl_seconds: …`. */
export function placeProblem(error: unknown, fields: readonly string[]): PlacedProblem {
  const { title, detail, hint } = asProblem(error);
  const field = fields.find((name) => detail?.startsWith(`${name}:`));
  const said = field === undefined ? detail : detail?.slice(field.length + 1).trim();
  return { field, text: [said ?? title, hint].filter(Boolean).join(" ") };
}
