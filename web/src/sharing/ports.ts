/** Ports as people write them. */

const LARGEST = 65_535;

/** The port that a text means, or undefined. */
export function portFrom(text: string): number | undefined {
  const trimmed = text.trim();
  const port = /^[1-9]\d{0,4}$/.test(trimmed) ? Number(trimmed) : undefined;
  return port !== undefined && port <= LARGEST ? port : undefined;
}

/** `8080` of a list's `8080 Preview`; without what is no port, without repetitions. */
export function portsFrom(texts: readonly string[]): number[] {
  const found = texts.flatMap((text) => portFrom(text.split(" ")[0] ?? "") ?? []);
  return [...new Set(found)];
}
