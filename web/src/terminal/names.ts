/** Names of terminals. */

export const FIRST = "main";

/** Those that live and the one that is shown, which may not be made yet. */
export function namesOf(terminals: readonly { name: string }[], shown: string): string[] {
  const names = terminals.map(({ name }) => name);
  return names.includes(shown) ? names : [...names, shown];
}

/** What is shown once a terminal was closed: the first one, or the one before it. */
export function nextAfter(names: readonly string[], closed: string): string {
  const others = names.filter((name) => name !== closed);
  if (others.includes(FIRST)) return FIRST;
  return others[Math.max(names.indexOf(closed) - 1, 0)] ?? FIRST;
}

/** A name that none has. */
export function freeName(names: readonly string[]): string {
  let number = 2;
  while (names.includes(`terminal-${number}`)) number += 1;
  return names.includes(FIRST) ? `terminal-${number}` : FIRST;
}
