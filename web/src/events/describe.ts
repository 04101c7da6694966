/** Events as sentences. */
import type { Phase, WorkspaceEvent } from "~/api/types";
import { formatDateTime, formatDuration } from "~/design/time";
import { PHASES } from "~/workspaces/phase";

export type EventTone = "plain" | "good" | "bad" | "warning";

export interface DescribedEvent {
  title: string;
  detail: string;
  tone: EventTone;
}

type Data = WorkspaceEvent["data"];
type Describe = (data: Data) => { title: string; detail?: string; tone?: EventTone };

/** Phases whose own event, with its particulars, comes together with the change of phase. */
const TOLD_BY_THEIR_EVENT = new Set<unknown>(["running", "stopped", "deleted", "failed"]);

/** Says nothing that another event does not say better. */
export function isRepeated(event: WorkspaceEvent): boolean {
  return event.kind === "phase_changed" && TOLD_BY_THEIR_EVENT.has(event.data.phase);
}

const text = (data: Data, key: string): string => {
  const value = data[key];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
const date = (data: Data, key: string): string =>
  text(data, key) ? formatDateTime(new Date(text(data, key))) : "";
const join = (...parts: string[]): string => parts.filter(Boolean).join(" · ");
const step = (data: Data): string => text(data, "step").replaceAll("_", " ");
const by = (data: Data): string => (text(data, "by") ? `by ${text(data, "by")}` : "");

const GOALS: Record<string, string> = {
  run: "Asked to run",
  stop: "Asked to stop",
  delete: "Asked to be deleted",
};

const RETIREMENT: Record<string, string> = {
  archive: "It will be archived",
  trash: "It will go to the trash",
  purge: "It will be removed for good",
};

const DESCRIPTIONS: Record<string, Describe> = {
  created: () => ({ title: "Accepted" }),
  goal_changed: (data) => ({
    title: GOALS[text(data, "goal")] ?? "Asked for something else",
    detail: join(by(data), text(data, "reason")),
  }),
  updated: (data) =>
    text(data, "version")
      ? {
          title: `Version ${text(data, "version")} of its template`,
          detail: join(text(data, "template"), list(data.fields), by(data)),
        }
      : { title: "Settings changed", detail: join(list(data.fields), by(data)) },
  template_not_updated: (data) => ({
    title: "The newest version of its template could not be taken",
    detail: join(
      text(data, "template"),
      text(data, "version") && `version ${text(data, "version")}`,
      text(data, "detail"),
    ),
    tone: "warning",
  }),
  template_files: (data) => ({
    title: "Files of its template put into the project",
    detail: join(
      text(data, "version") && `version ${text(data, "version")}`,
      text(data, "placed") && `${text(data, "placed")} written or removed`,
      list(data.kept) && `kept as somebody made them: ${list(data.kept)}`,
      Number(data.more) > 0 ? `and ${text(data, "more")} more` : "",
    ),
    ...(list(data.kept) ? { tone: "warning" as const } : {}),
  }),
  phase_changed: (data) => {
    const phase = PHASES[text(data, "phase") as Phase] as (typeof PHASES)[Phase] | undefined;
    return { title: phase?.label ?? text(data, "phase") };
  },
  step_failed: (data) => ({
    title: "A step failed and is tried again",
    detail: join(step(data), text(data, "detail")),
    tone: "warning",
  }),
  failed: (data) => ({
    title: "Failed",
    detail: join(step(data), text(data, "detail"), text(data, "hint")),
    tone: "bad",
  }),
  source_fetched: (data) => ({
    title: "Source fetched",
    detail: join(text(data, "branch"), text(data, "commit").slice(0, 12)),
  }),
  environment_resolved: (data) => ({
    title: "Configuration read",
    detail: join(text(data, "config"), text(data, "image")),
  }),
  notice: (data) => ({
    title: text(data, "subject") ? `Notice: ${text(data, "subject")}` : "Notice",
    detail: join(text(data, "place"), text(data, "detail"), text(data, "who")),
    tone: data.level === "info" ? "plain" : "warning",
  }),
  ending_soon: (data) => ({
    title: "It will stop soon",
    detail: join(date(data, "at"), text(data, "reason")),
    tone: "warning",
  }),
  schedule_refused: (data) => ({
    title: "A scheduled start was refused",
    detail: join(text(data, "detail"), text(data, "next") && `next ${date(data, "next")}`),
    tone: "warning",
  }),
  retention_notice: (data) => ({
    title: RETIREMENT[text(data, "step")] ?? "It is about to be retired",
    detail: join(date(data, "at"), text(data, "reason")),
    tone: "warning",
  }),
  archived: (data) => ({ title: "Archived", detail: text(data, "reason") }),
  recovery: (data) => ({ title: "Recovery workspace", detail: text(data, "detail"), tone: "warning" }),
  image_ready: (data) => ({
    title: data.built === false ? "Image ready: nothing had to be built" : "Image built",
    detail: text(data, "image"),
  }),
  build_cache: (data) => ({
    title: "The build cache cannot be used",
    detail: text(data, "detail"),
    tone: "warning",
  }),
  started: () => ({ title: "Containers run" }),
  ready: (data) => ({
    title: "Ready to work in",
    detail: text(data, "took_ms") ? `after ${formatDuration(Number(text(data, "took_ms")))}` : "",
    tone: "good",
  }),
  hook_finished: (data) => ({ title: `Hook ${hook(data)} done`, detail: text(data, "origin") }),
  hook_failed: (data) => ({
    title: `Hook ${hook(data)} failed`,
    detail: join(
      text(data, "origin"),
      text(data, "detail") || (text(data, "exit_code") && `exit code ${text(data, "exit_code")}`),
    ),
    tone: data.stage === "dotfiles" || data.stage === "extensions" ? "warning" : "bad",
  }),
  hooks_asked: (data) => ({ title: `Hook ${text(data, "stage")} to be run again`, detail: by(data) }),
  container_ended: (data) => ({
    title: data.out_of_memory === true ? "Out of memory; started again" : "Container ended; started again",
    detail: join(text(data, "container"), text(data, "exit_code") && `exit code ${text(data, "exit_code")}`),
    tone: "warning",
  }),
  service_ended: (data) => ({
    title: `Service ${text(data, "container")} ended${data.runs === true ? "; started again" : ""}`,
    detail: join(
      data.out_of_memory === true ? "out of memory" : "",
      text(data, "exit_code") && `exit code ${text(data, "exit_code")}`,
    ),
    tone: data.exit_code === 0 ? "plain" : "warning",
  }),
  activity: (data) => ({
    title: "Activity",
    detail: join(text(data, "signal"), date(data, "until") && `kept until ${date(data, "until")}`),
  }),
  extended: (data) => ({
    title: "Life extended",
    detail: join(date(data, "until") && `until ${date(data, "until")}`, text(data, "signal")),
  }),
  stopping: (data) => ({ title: "Being stopped", detail: text(data, "reason") }),
  prebuilt: (data) => ({
    title: data.failed ? "The prebuild failed" : "The prebuild is ready",
    detail: text(data, "image"),
    ...(data.failed ? { tone: "bad" as const } : {}),
  }),
  prebuild_taken: (data) => ({
    title: "Begins with a prebuild",
    detail: text(data, "commit").slice(0, 12),
  }),
  stopped: (data) => ({ title: "Stopped; files are kept", detail: text(data, "reason") }),
  deleted: (data) => ({
    title: "In the trash",
    detail: date(data, "purge_after") && `until ${date(data, "purge_after")}`,
  }),
  undeleted: (data) => ({ title: "Taken out of the trash", detail: by(data) }),
  purged: () => ({ title: "Purged: nothing is left of it" }),
  shared: (data) => ({
    title: `Shared with ${receiver(data)}`,
    detail: join(text(data, "level"), by(data), date(data, "until") && `until ${date(data, "until")}`),
  }),
  unshared: (data) => ({ title: `No longer shared with ${receiver(data)}`, detail: by(data) }),
  port_listening: (data) => ({
    title: `${place(data)} listens`,
    detail: join(text(data, "label"), text(data, "process"), text(data, "protocol")),
  }),
  port_closed: (data) => ({ title: `${place(data)} listens no more` }),
  port_opened: (data) => ({
    title:
      data.visibility === "private"
        ? `${place(data)} is private again`
        : `${place(data)} was opened to more people`,
    detail: join(
      data.visibility === "private" ? "" : text(data, "visibility"),
      by(data),
      date(data, "until") && `until ${date(data, "until")}`,
    ),
    ...(data.visibility === "public" ? { tone: "warning" as const } : {}),
  }),
  person_joined: (data) => ({ title: `${text(data, "person")} came in`, detail: text(data, "how") }),
  secrets_changed: (data) => ({
    title: "Secrets changed; new processes have them",
    detail: join(list(data.added), list(data.changed), list(data.removed)),
  }),
  configuration_changed: (data) => ({
    title: "The configuration was changed; a rebuild applies it",
    detail: Array.isArray(data.files) ? data.files.join(", ") : "",
    tone: "warning",
  }),
};

/** Whom a share is for: a user, or whoever has the link. */
function receiver(data: Record<string, unknown>): string {
  return text(data, "user") || `a guest${text(data, "guest") ? ` (${text(data, "guest")})` : ""}`;
}

/** A port's number, or an app's name. */
function place(data: Record<string, unknown>): string {
  const name = text(data, "port");
  return /^\d+$/.test(name) ? `Port ${name}` : `The app ${name}`;
}

function hook(data: Record<string, unknown>): string {
  return [text(data, "stage"), text(data, "name")].filter(Boolean).join(" ");
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(", ") : "";
}

/** An event in words; a kind of a newer server is shown under its own name. */
export function describeEvent(event: WorkspaceEvent): DescribedEvent {
  const describe = DESCRIPTIONS[event.kind];
  const described = describe ? describe(event.data) : { title: event.kind.replaceAll("_", " ") };
  return {
    tone: "plain",
    ...described,
    title: described.title || event.kind,
    detail: described.detail ?? "",
  };
}

/** Kinds that are told, for the test that compares them with the server's table. */
export const DESCRIBED_KINDS = Object.keys(DESCRIPTIONS);
