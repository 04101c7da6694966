/** Durations and moments in words. */

/** A duration in at most two units: `0.4 s`, `12 s`, `1 min 30 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return formatDuration(0);
  if (ms < 9_950) return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, "min", seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return two(hours, "h", minutes % 60, "min");
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A setting in seconds, as people would say it; 0 is `never`. */
export function formatSeconds(seconds: number): string {
  return seconds === 0 ? "never" : formatDuration(seconds * 1000).replace(/\.0 s$/, " s");
}

/** Distance to a moment: `just now`, `5 min ago`, `in 2 h`. */
export function formatDistance(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const distance = Math.abs(ms);
  if (distance < 45_000) return ms > 0 ? "in less than a minute" : "just now";
  const text = coarse(distance);
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

function coarse(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h`;
  const days = Math.round(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function formatDateTime(at: Date): string {
  return DATE_TIME.format(at);
}

export function formatClock(at: Date): string {
  return CLOCK.format(at);
}

export function formatDate(at: Date): string {
  return DATE.format(at);
}
