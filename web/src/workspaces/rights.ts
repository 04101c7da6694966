/** What the signed-in person may do with a workspace, as its record says (docs/reference/roles.md). */
import type { Level, Workspace } from "~/api/types";

export type Right = "read" | "watch" | "use" | "start" | "operate" | "change" | "delete" | "share";

export function may(workspace: Pick<Workspace, "may">, right: Right): boolean {
  return workspace.may.includes(right);
}

/** What each level of a share lets somebody do, in a few words and in a sentence. */
export const LEVELS: Record<Level, { label: string; gives: string }> = {
  view: { label: "View", gives: "Watch terminals without typing, and open the ports that you name." },
  edit: {
    label: "Edit",
    gives: "The full power of the workspace's user: terminals, SSH, every app, port and file.",
  },
};

/** How a workspace of somebody else came to be in one's list; empty: it is one's own. */
export function whoseLine(workspace: Pick<Workspace, "owner" | "shared">, user: string | undefined): string {
  if (workspace.shared)
    return `Shared by ${workspace.owner} · ${LEVELS[workspace.shared].label.toLowerCase()}`;
  return user !== undefined && workspace.owner !== user ? `Of ${workspace.owner}` : "";
}

type Named = Pick<Workspace, "name" | "owner">;

/** As the command line names it: `NAME`, or `OWNER/NAME` of somebody else. */
export function commandName({ name, owner }: Named, user: string | undefined): string {
  return user === undefined || owner === user ? name : `${owner}/${name}`;
}

/** As SSH names it: `NAME`, or `NAME--OWNER` of somebody else. */
export function sshName({ name, owner }: Named, user: string | undefined): string {
  return user === undefined || owner === user ? name : `${name}--${owner}`;
}
