import type { WorkspaceEvent } from "~/api/types";

/** The id of the share by which somebody has a workspace, as its events tell it; undefined: there is none. */
export function ownShare(events: readonly WorkspaceEvent[], user: string): string | undefined {
  const last = events.findLast(
    ({ kind, data }) => (kind === "shared" || kind === "unshared") && data.user === user,
  );
  return last?.kind === "shared" && typeof last.data.share === "string" ? last.data.share : undefined;
}
