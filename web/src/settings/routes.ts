import type { RouteObject } from "react-router";

/** The tabs of the settings. */
export const settingsRoutes: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import("./AccountTab")).AccountTab }) },
  { path: "git", lazy: async () => ({ Component: (await import("./GitTab")).GitTab }) },
  { path: "ssh", lazy: async () => ({ Component: (await import("./SshTab")).SshTab }) },
  { path: "workspaces", lazy: async () => ({ Component: (await import("./WorkspacesTab")).WorkspacesTab }) },
  { path: "tokens", lazy: async () => ({ Component: (await import("./Tokens")).Tokens }) },
  { path: "server", lazy: async () => ({ Component: (await import("./ServerTab")).ServerTab }) },
];
