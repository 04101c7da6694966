/** The policy of a project as it is typed, and as the API takes it. */
import type { ProjectPolicy, ProjectPolicyInput, Schedule } from "~/api/types";
import { parseDuration, typedDuration } from "~/design/duration";

export const DURATIONS = [
  "ttl_seconds",
  "ttl_min_seconds",
  "ttl_max_seconds",
  "max_life_seconds",
  "hard_life_seconds",
] as const;
export const DAYS = ["archive_after_days", "delete_after_days", "trash_days"] as const;

export type Duration = (typeof DURATIONS)[number];
export type Days = (typeof DAYS)[number];

export function isDuration(name: Duration | Days): name is Duration {
  return (DURATIONS as readonly string[]).includes(name);
}

/** What is typed; empty: as the settings say. */
export type PolicyValues = Record<Duration | Days, string> & {
  start: string;
  stop: string;
  days: string[];
  time_zone: string;
};

export const WEEK: readonly (readonly [day: string, label: string])[] = [
  ["mon", "Mon"],
  ["tue", "Tue"],
  ["wed", "Wed"],
  ["thu", "Thu"],
  ["fri", "Fri"],
  ["sat", "Sat"],
  ["sun", "Sun"],
];
const WORKDAYS = ["mon", "tue", "wed", "thu", "fri"];

/** What the form begins with; `zone`: of a schedule that is not there yet. */
export function valuesOf(chosen: ProjectPolicyInput, zone: string): PolicyValues {
  const { schedule } = chosen;
  const durations = DURATIONS.map((name) => {
    const seconds = chosen[name];
    return [name, seconds == null ? "" : typedAs(name, seconds)] as const;
  });
  const days = DAYS.map((name) => [name, chosen[name] == null ? "" : String(chosen[name])] as const);
  return {
    ...(Object.fromEntries([...durations, ...days]) as Record<Duration | Days, string>),
    start: schedule?.start ?? "",
    stop: schedule?.stop ?? "",
    days: schedule?.days ?? WORKDAYS,
    time_zone: schedule?.time_zone ?? zone,
  };
}

/** As it is typed: an idle time can be "never", a ceiling "none". */
export function typedAs(name: Duration, seconds: number): string {
  return typedDuration(seconds, name === "ttl_seconds" ? "never" : "none");
}

/** As the API takes it; what is wrong with the values was said before. */
export function inputOf(values: PolicyValues): ProjectPolicyInput {
  const durations = DURATIONS.map((name) => [name, secondsOf(values[name])] as const);
  const days = DAYS.map((name) => [name, daysOf(values[name])] as const);
  const { start, stop, time_zone } = values;
  // In the order of the week, whatever was chosen first.
  const chosen = WEEK.map(([day]) => day).filter((day) => values.days.includes(day));
  return {
    ...Object.fromEntries([...durations, ...days]),
    schedule: start || stop ? { start, stop, days: chosen, time_zone: time_zone.trim() } : null,
  };
}

function secondsOf(text: string): number | null {
  return text.trim() === "" ? null : (parseDuration(text) ?? null);
}

function daysOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

/** What is wrong at a field, before anything is sent. */
export function wrongDuration(text: string): string | null {
  if (text.trim() === "" || parseDuration(text) !== undefined) return null;
  return "Write 30m, 1h30m, 2d, never or none.";
}

export function wrongDays(text: string): string | null {
  return text.trim() === "" || /^\d{1,4}$/.test(text.trim()) ? null : "A whole number of days; 0 is never.";
}

/** A schedule in words: `mon, tue, from 08:00 to 18:00, Europe/Berlin`. */
export function scheduleInWords(schedule: Schedule | null | undefined): string {
  if (!schedule?.start && !schedule?.stop) return "none";
  const { start, stop, days = WORKDAYS, time_zone = "UTC" } = schedule;
  const times =
    start && stop ? `from ${start} to ${stop}` : start ? `starts at ${start}` : `stops at ${stop ?? ""}`;
  return `${daysInWords(days)}, ${times}, ${time_zone}`;
}

function daysInWords(days: readonly string[]): string {
  const places = WEEK.map(([day], place) => (days.includes(day) ? place : -1)).filter((place) => place >= 0);
  const first = places[0];
  const last = places.at(-1);
  if (first === undefined || last === undefined) return "no day";
  const label = (place: number) => WEEK[place]?.[1] ?? "";
  if (places.length === WEEK.length) return "Every day";
  if (places.length > 2 && last - first === places.length - 1) return `${label(first)} to ${label(last)}`;
  return places.map(label).join(", ");
}

/** Whose choice a member of the policy in force is, where it is not the installation's. */
export function isOwn(policy: ProjectPolicy, member: Duration | Days | "schedule"): boolean {
  return policy.in_force.set_by[member] === "project";
}
