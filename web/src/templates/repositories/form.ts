/** What is wrong with a repository that is to be added, and at which field a problem of the server belongs. */
import type { ProblemDocument } from "~/api/types";

/** What is wrong with a folder of a repository, or null. */
export function problemWithFolder(text: string): string | null {
  const folder = text.trim();
  return folder.startsWith("/") || folder.split("/").includes("..")
    ? "Give a folder inside the repository, such as templates."
    : null;
}

const FIELD_OF_KIND: Partial<Record<string, string>> = {
  bad_source: "url",
  source_unreachable: "url",
  source_denied: "url",
  ref_not_found: "ref",
};
const FIELDS = new Set(["url", "ref", "folder", "project"]);

/** The field that a problem is about, with what to say there; empty: it is about none. */
export function atField(problem: ProblemDocument): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { loc, msg } of problem.errors ?? []) {
    const field = loc.map(String).find((part) => FIELDS.has(part));
    if (field) errors[field] = msg;
  }
  const field = FIELD_OF_KIND[problem.kind];
  if (field) errors[field] = [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" ");
  return errors;
}
