import { asProblem } from "~/api/problem";

export interface PlacedProblem {
  /** Of the field that it is about; undefined: of none of them. */
  field: string | undefined;
  /** What is wrong, and what to do. */
  text: string;
}

/** A refusal at the field that it names: the API begins the detail of a bad value with the member, `ttl_seconds: …`. */
export function placeProblem(error: unknown, fields: readonly string[]): PlacedProblem {
  const { kind, title, detail, hint } = asProblem(error);
  const isName = (kind === "bad_name" || kind === "name_taken") && fields.includes("name");
  const named = fields.find((name) => detail?.startsWith(`${name}:`));
  const field = named ?? (isName ? "name" : undefined);
  const said = named === undefined ? detail : detail?.slice(named.length + 1).trim();
  return { field, text: [said ?? title, hint].filter(Boolean).join(" ") };
}
