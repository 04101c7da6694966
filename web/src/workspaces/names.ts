/** Names of workspaces, by the same rules as the server's core/names.py: checked while typing, decided there. */

const MAX_LENGTH = 40;
const NAME = /^[a-z](?:[a-z0-9]|-(?!-))*$/;
const RESERVED = new Set(["localhost", "www", "api", "carrel", "static", "login"]);

/** What is wrong with a name, or undefined. */
export function problemWithName(text: string): string | undefined {
  const name = text.toLowerCase();
  if (name === "") return "Give it a name.";
  if (name.length > MAX_LENGTH) return `At most ${MAX_LENGTH} characters; this has ${name.length}.`;
  if (!/^[a-z]/.test(name)) return "Start with a letter.";
  if (/[^a-z0-9-]/.test(name)) return "Only letters, digits and hyphens.";
  if (name.endsWith("-") || !NAME.test(name)) return "Single hyphens only, and none at the end.";
  if (RESERVED.has(name)) return `“${name}” is reserved.`;
  return undefined;
}

/** The nearest usable name. */
export function suggestName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[0-9-]+/, "")
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, "");
  return name === "" || RESERVED.has(name) ? "workspace" : name;
}

/** The name for a workspace of a repository: its last path component without `.git`. */
export function nameFromSource(url: string): string {
  const path = url.trim().replace(/\/+$/, "").replaceAll("\\", "/");
  const last = path.slice(path.lastIndexOf("/") + 1);
  return suggestName(last.slice(last.lastIndexOf(":") + 1).replace(/\.git$/, ""));
}

/** `name`, or `name-2`, `name-3` ... where it is taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const candidate = name.slice(0, MAX_LENGTH - suffix.length).replace(/-+$/, "") + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}
