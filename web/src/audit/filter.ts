/** What of the audit is looked for: as the address of the page has it, and as the API takes it. */
import type { AuditRow, User } from "~/api/types";

/** Each is a part of the page's address; empty: it restricts nothing. */
export interface Filter {
  actor: string;
  action: string;
  workspace: string;
  subject: string;
  project: string;
  domain: string;
  outcome: string;
  /** Days, `2026-11-01`, in the time zone of whoever looks; both are included. */
  since: string;
  until: string;
}

export const FIELDS = [
  "actor",
  "action",
  "workspace",
  "subject",
  "project",
  "domain",
  "outcome",
  "since",
  "until",
] as const satisfies readonly (keyof Filter)[];

/** Read from the address of the page; what means nothing is left out. */
export function readFilter(params: URLSearchParams): Filter {
  const filter = Object.fromEntries(FIELDS.map((name) => [name, params.get(name)?.trim() ?? ""]));
  const read = filter as unknown as Filter;
  return {
    ...read,
    outcome: read.outcome === "done" || read.outcome === "refused" ? read.outcome : "",
    since: dayOf(read.since) ? read.since : "",
    until: dayOf(read.until) ? read.until : "",
  };
}

/** As the address of the page has it. */
export function writeFilter(filter: Filter): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of FIELDS) if (filter[name].trim()) params.set(name, filter[name].trim());
  return params;
}

/** As the API takes it: only what restricts something. */
export function asked(filter: Filter): AuditQuery {
  const { since, until, outcome, ...texts } = filter;
  const query: AuditQuery = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== ""));
  if (outcome) query.outcome = outcome as AuditRow["outcome"];
  const first = dayOf(since);
  if (first) query.since = first.toISOString();
  const last = dayOf(until);
  // The API leaves the moment itself out: up to the beginning of the next day, however long this one is.
  if (last) query.until = new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1).toISOString();
  return query;
}

export type AuditQuery = Partial<Omit<Filter, "outcome">> & { outcome?: AuditRow["outcome"] };

/** The beginning of a day where the person is; undefined where it is none. */
function dayOf(text: string): Date | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const found = new Date(year, month - 1, day);
  return found.getMonth() === month - 1 && found.getDate() === day ? found : undefined;
}

/** What of a row leads to its own history: the workspace as it was called, or the thing itself. */
export function historyOf({
  subject,
  named,
}: Pick<AuditRow, "subject" | "named">): Partial<Filter> | undefined {
  if (subject.startsWith("workspace:")) return { workspace: named || subject.slice("workspace:".length) };
  return subject ? { subject } : undefined;
}

type Known = Pick<User, "id" | "name">;

/** On what something was done, in the names that people know; empty: on nothing. */
export function onWhat(
  { subject, named, detail }: Pick<AuditRow, "subject" | "named" | "detail">,
  people: readonly Known[],
) {
  if (named) return named;
  const colon = subject.indexOf(":");
  if (colon < 0) return subject;
  const kind = subject.slice(0, colon).replaceAll("_", " ");
  const id = subject.slice(colon + 1);
  const about = [detail.name, detail.user].find((one) => typeof one === "string" && one !== "") as
    string | undefined;
  if (kind === "user") return `user ${people.find((one) => one.id === id)?.name ?? about ?? id}`;
  return about !== undefined && about !== id ? `${kind} ${id}, ${about}` : `${kind} ${id}`;
}

/** One particular of a row: text as it is, anything else as JSON. */
export function particular(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
