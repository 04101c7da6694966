/** Lengths of time as people type them, in the words of the command line: `90s`, `30m`, `1h30m`, `2d`, `never` (of a ceiling: `none`). */

const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ["w", 7 * 86_400],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];
const PART = /(\d+(?:\.\d+)?)\s*([smhdw])/g;
const WHOLE = /^(?:\d+(?:\.\d+)?\s*[smhdw]\s*)+$/;

/** Whole seconds of what was typed; plain digits are seconds, `never` and `none` are 0; undefined where it is no length of time. */
export function parseDuration(text: string): number | undefined {
  // "2 h 5 min", as the pages say it, is understood too.
  const typed = text.trim().toLowerCase().replace(/min/g, "m");
  if (typed === "never" || typed === "none") return 0;
  if (/^\d+$/.test(typed)) return Number(typed);
  if (!WHOLE.test(typed)) return undefined;
  let seconds = 0;
  for (const [, number, unit] of typed.matchAll(PART)) {
    seconds += Number(number) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return Math.round(seconds);
}

/** Seconds as they are typed: exactly, in the fewest units; `zero`: what 0 is called. */
export function typedDuration(seconds: number, zero: "never" | "none" = "never"): string {
  if (seconds === 0) return zero;
  let rest = seconds;
  let text = "";
  // Weeks are understood, but nobody expects them in the place of seven days.
  for (const [unit, size] of UNITS.slice(1)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
