import type { RouteObject } from "react-router";
import { CreatePage } from "~/workspaces/create/CreatePage";
import { DetailPage } from "~/detail/DetailPage";
import { DangerTab } from "~/detail/DangerTab";
import { OverviewTab } from "~/detail/OverviewTab";
import { EventsTab } from "~/events/EventsTab";
import { FilesTab } from "~/files/FilesTab";
import { LogTab } from "~/logs/LogTab";
import { PortsTab } from "~/ports/PortsTab";
import { SharingTab } from "~/sharing/SharingTab";
import { SettingsPage } from "~/settings/SettingsPage";
import { SignInRoute } from "~/session/SignInRoute";
import { TimelineTab } from "~/timeline/TimelineTab";
import { TrashPage } from "~/trash/TrashPage";
import { UsersPage } from "~/users/UsersPage";
import { ListPage } from "~/workspaces/list/ListPage";
import { CrashPage } from "./CrashPage";
import { Loading } from "./Loading";
import { NotFoundPage } from "./NotFoundPage";
import { SessionGate } from "./SessionGate";

export const routes: RouteObject[] = [
  { path: "sign-in", element: <SignInRoute />, errorElement: <CrashPage /> },
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
          { path: "ports", element: <PortsTab /> },
          { path: "files", element: <FilesTab /> },
          { path: "sharing", element: <SharingTab /> },
          { path: "log", element: <LogTab /> },
          { path: "timeline", element: <TimelineTab /> },
          { path: "events", element: <EventsTab /> },
          {
            path: "terminal",
            // xterm.js is large, and most visits need none of it.
            lazy: async () => ({ Component: (await import("~/terminal/TerminalTab")).TerminalTab }),
          },
          { path: "danger", element: <DangerTab /> },
        ],
      },
      { path: "trash", element: <TrashPage /> },
      { path: "settings", element: <SettingsPage /> },
      { path: "users", element: <UsersPage /> },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
];
