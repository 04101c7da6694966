import type { App, Workspace } from "~/api/types";

/** The app that "Open" means: VS Code where there is one, else the first. */
export function mainApp(workspace: Pick<Workspace, "apps">): App | undefined {
  return workspace.apps.find((app) => app.name === "code") ?? workspace.apps[0];
}
