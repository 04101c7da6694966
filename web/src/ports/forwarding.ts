/** What a page does with a port that begins to listen, as the port's attributes ask for it. */
import type { Port } from "~/api/types";

export function portTitle(port: Pick<Port, "port" | "label">): string {
  return port.label || `Port ${port.port}`;
}

/** Whether people are told; both others say that it is nobody's business. */
export function isAnnounced(port: Pick<Port, "on_auto_forward" | "may_open">): boolean {
  return port.may_open && port.on_auto_forward !== "silent" && port.on_auto_forward !== "ignore";
}

/** The configuration would like a browser to open it. A page only offers that: nothing opens without a click. */
export function wantsBrowser(port: Pick<Port, "on_auto_forward">): boolean {
  return port.on_auto_forward.startsWith("open");
}

/** Whether a browser can show it; what is not known yet may be a page. */
export function isPage(port: Pick<Port, "protocol">): boolean {
  return port.protocol !== "tcp" && port.protocol !== "h2c";
}

export function listening(ports: readonly Port[]): ReadonlySet<number> {
  return new Set(ports.filter((port) => port.listening).map(({ port }) => port));
}

/** Ports that listen now and did not before, and of which people are told. */
export function newlyListening(before: ReadonlySet<number>, ports: readonly Port[]): Port[] {
  return ports.filter((port) => port.listening && !before.has(port.port) && isAnnounced(port));
}
