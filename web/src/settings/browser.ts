/** Names a browser as people do, from what it says of itself; in this order, for most of them claim to be several. */
const NAMES: readonly (readonly [name: string, mark: RegExp])[] = [
  ["Edge", /\bEdgA?\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Chrome|CriOS|Chromium)\//],
  ["Safari", /\bSafari\//],
];
const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ["Android", /\bAndroid\b/],
  ["iOS", /\b(iPhone|iPad)\b/],
  ["macOS", /\bMacintosh\b/],
  ["Windows", /\bWindows\b/],
  ["Linux", /\b(Linux|X11)\b/],
];

/** `Firefox on Linux`; `A browser` where it says nothing that is known. */
export function browserOf(agent: string): string {
  const find = (table: typeof NAMES) => table.find(([, mark]) => mark.test(agent))?.[0];
  const [name, system] = [find(NAMES), find(SYSTEMS)];
  return `${name ?? "A browser"}${system ? ` on ${system}` : ""}`;
}
