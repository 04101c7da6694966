/** Ways into a workspace from a person's own machine: what to type, what to open. */
import type { Ssh, Workspace } from "~/api/types";
import { sshName } from "~/workspaces/rights";

const SSH_PORT = 22;

type Named = Pick<Workspace, "name" | "owner">;

/** Host name of `carrel config-ssh`. */
export function hostAlias(workspace: Named, user: string | undefined): string {
  return `${sshName(workspace, user)}.carrel`;
}

/** Opens VS Code on the desktop at a folder of the workspace. */
export function desktopLink(workspace: Named, user: string | undefined, folder: string): string {
  const path = folder.split("/").map(encodeURIComponent).join("/");
  return `vscode://vscode-remote/ssh-remote+${hostAlias(workspace, user)}${path}`;
}

/** OpenSSH alone, without any set-up, through the gateway; empty where there is none. */
export function gatewayCommand(workspace: Named, user: string | undefined, ssh: Ssh | undefined): string {
  if (!ssh?.enabled) return "";
  const port = ssh.port === SSH_PORT ? "" : ` -p ${ssh.port}`;
  return `ssh ${sshName(workspace, user)}@${ssh.host}${port}`;
}
