/** What a token is to be: its scopes and its life as they are typed, and what came of it in words. */
import type { Scope, Token } from "~/api/types";
import { parseDuration } from "~/design/duration";
import { formatDateTime } from "~/design/time";

/** What a token may be used for (docs/reference/roles.md), from the least to the most. */
export const SCOPES: readonly (readonly [scope: Scope, does: string])[] = [
  ["read", "look at workspaces, projects and the server"],
  ["use", "be in workspaces: commands, terminals, files, apps"],
  ["write", "make, start, stop, change and delete workspaces; git credentials and secrets"],
  ["admin", "everything, also people, sharing and other tokens"],
];

export interface TokenWish {
  title: string;
  /** Empty: all that its user may do. */
  scopes: readonly Scope[];
  /** Undefined: as long as the server lets it be. */
  seconds?: number | undefined;
}

const DAY = 86_400;
const SHORTEST = 60;

/** What is wrong with a life that was typed; `most` days are allowed, 0: no limit. */
export function problemWithLife(text: string, most: number): string | undefined {
  if (text.trim() === "") return undefined;
  const seconds = parseDuration(text);
  if (seconds === undefined) return most ? "Write 30d or 12h." : "Write 90d, 12h or never.";
  if (seconds > 0 && seconds < SHORTEST) return "A minute at least.";
  if (most > 0 && (seconds === 0 || seconds > most * DAY)) return `A token lives ${most} days at most here.`;
  return undefined;
}

/** Seconds of a life that was typed; undefined: as long as the server lets it be. */
export function lifeOf(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds === 0 ? undefined : seconds;
}

/** What whoever has the token can do with it. */
export function whatItMay(
  { scopes, expires_at }: Pick<Token, "scopes" | "expires_at">,
  whose: string,
): string {
  const may = scopes.length > 0 ? `what its scopes say (${scopes.join(", ")})` : `all that ${whose} may do`;
  const until = expires_at ? `until ${formatDateTime(new Date(expires_at))}` : "until it is revoked";
  return `It may do ${may}, ${until}.`;
}
