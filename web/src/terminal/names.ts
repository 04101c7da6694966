/** Names of terminals. */

/** Those that live and the one that is shown, which may not be made yet. */
export function namesOf(terminals: readonly { name: string }[], shown: string): string[] {
  const names = terminals.map(({ name }) => name);
  return names.includes(shown) ? names : [...names, shown];
}

/** A name that none has. */
export function freeName(names: readonly string[]): string {
  let number = 2;
  while (names.includes(`terminal-${number}`)) number += 1;
  return names.includes("main") ? `terminal-${number}` : "main";
}
