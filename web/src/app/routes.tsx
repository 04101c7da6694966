import type { RouteObject } from "react-router";
import { CreatePage } from "~/workspaces/create/CreatePage";
import { DetailPage } from "~/detail/DetailPage";
import { DangerTab } from "~/detail/DangerTab";
import { OverviewTab } from "~/detail/OverviewTab";
import { EventsTab } from "~/events/EventsTab";
import { LogTab } from "~/logs/LogTab";
import { SignInRoute } from "~/session/SignInRoute";
import { settingsRoutes } from "~/settings/routes";
import { templateRoutes } from "~/templates/routes";
import { TimelineTab } from "~/timeline/TimelineTab";
import { TrashPage } from "~/trash/TrashPage";
import { ListPage } from "~/workspaces/list/ListPage";
import { CrashPage } from "./CrashPage";
import { Loading } from "./Loading";
import { NotFoundPage } from "./NotFoundPage";
import { SessionGate } from "./SessionGate";

/** What most visits do not need (xterm.js is large) is fetched when somebody goes there. */
export const routes: RouteObject[] = [
  { path: "sign-in", element: <SignInRoute />, errorElement: <CrashPage /> },
  {
    path: "invite",
    lazy: async () => ({ Component: (await import("~/session/InvitePage")).InvitePage }),
    errorElement: <CrashPage />,
    hydrateFallbackElement: <Loading />,
  },
  {
    element: <SessionGate />,
    errorElement: <CrashPage />,
    hydrateFallbackElement: <Loading />,
    children: [
      { index: true, element: <ListPage /> },
      { path: "new", element: <CreatePage /> },
      {
        path: "workspaces/:id",
        element: <DetailPage />,
        children: [
          { index: true, element: <OverviewTab /> },
          { path: "ports", lazy: async () => ({ Component: (await import("~/ports/PortsTab")).PortsTab }) },
          { path: "files", lazy: async () => ({ Component: (await import("~/files/FilesTab")).FilesTab }) },
          {
            path: "sharing",
            lazy: async () => ({ Component: (await import("~/sharing/SharingTab")).SharingTab }),
          },
          { path: "log", element: <LogTab /> },
          { path: "timeline", element: <TimelineTab /> },
          { path: "events", element: <EventsTab /> },
          {
            path: "terminal",
            lazy: async () => ({ Component: (await import("~/terminal/TerminalTab")).TerminalTab }),
          },
          { path: "danger", element: <DangerTab /> },
        ],
      },
      ...templateRoutes,
      { path: "trash", element: <TrashPage /> },
      {
        path: "settings",
        lazy: async () => ({ Component: (await import("~/settings/SettingsPage")).SettingsPage }),
        children: settingsRoutes,
      },
      { path: "users", lazy: async () => ({ Component: (await import("~/users/UsersPage")).UsersPage }) },
      {
        path: "users/:user",
        lazy: async () => ({ Component: (await import("~/users/UserPage")).UserPage }),
      },
      {
        path: "projects",
        lazy: async () => ({ Component: (await import("~/projects/ProjectsPage")).ProjectsPage }),
      },
      {
        path: "projects/:project",
        lazy: async () => ({ Component: (await import("~/projects/ProjectPage")).ProjectPage }),
      },
      { path: "audit", lazy: async () => ({ Component: (await import("~/audit/AuditPage")).AuditPage }) },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
