import { Card, Text } from "@mantine/core";
import { AppWindow, Braces, ChevronRight, CodeXml, ExternalLink, NotebookPen } from "lucide-react";
import { Link } from "react-router";
import type { App, Workspace } from "~/api/types";
import classes from "./AppList.module.css";

const ICONS: Record<string, typeof AppWindow> = {
  code: CodeXml,
  vscode: CodeXml,
  jupyter: NotebookPen,
  json: Braces,
};

const STATES: Record<string, string> = {
  pending: "starts when it is opened",
  running: "starting",
  done: "ready",
  failed: "does not start",
  skipped: "off",
};

/** Everything in the workspace that can be opened. */
export function AppList({ workspace }: { workspace: Workspace }) {
  return (
    <Card component="section" aria-label="Apps">
      <Text fw={600} mb="md">
        Apps
      </Text>
      <ul className={classes.apps}>
        {workspace.apps.map((app) => (
          <li key={app.name}>
            <a
              className={classes.app}
              href={app.url}
              target="_blank"
              rel="noopener"
              aria-label={`Open ${app.title} in a new tab`}
            >
              <AppFace app={app} />
              <ExternalLink size={15} aria-hidden="true" />
            </a>
          </li>
        ))}
        <li>
          <Link className={classes.app} to="terminal">
            <AppFace
              app={{ name: "terminal", title: "Terminal", icon: "json", state: "", detail: "in this page" }}
            />
            <ChevronRight size={16} aria-hidden="true" />
          </Link>
        </li>
      </ul>
    </Card>
  );
}

function AppFace({ app }: { app: Omit<App, "url"> }) {
  const Icon = ICONS[app.icon] ?? ICONS[app.name] ?? AppWindow;
  return (
    <>
      <span className={classes.icon} aria-hidden="true">
        <Icon size={18} />
      </span>
      <span style={{ flex: 1, minWidth: 0 }}>
        <span className={classes.title}>{app.title}</span>
        <br />
        <span className={classes.state}>{app.detail || (STATES[app.state] ?? app.state)}</span>
      </span>
    </>
  );
}
