import { Card, Text, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  AppWindow,
  ChevronRight,
  CodeXml,
  EthernetPort,
  ExternalLink,
  NotebookPen,
  SquareTerminal,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { AppState, Port, Workspace } from "~/api/types";
import { appsQuery, portsQuery } from "~/workspaces/queries";
import classes from "./AppList.module.css";

/** The agent is asked again this often; it tells no events about apps and ports. */
const REFRESH_MS = 10_000;

const ICONS: Record<string, LucideIcon> = { code: CodeXml, vscode: CodeXml, jupyter: NotebookPen };

const STATES: Record<AppState["state"], string> = {
  pending: "Starts when it is opened",
  running: "Starting",
  done: "Ready",
  failed: "Does not start; the log says why",
  skipped: "Off",
};

/** Everything in the workspace that can be opened. */
export function AppList({ workspace }: { workspace: Workspace }) {
  const states = useQuery({ ...appsQuery(workspace.id), refetchInterval: REFRESH_MS });
  const ports = useQuery({ ...portsQuery(workspace.id), refetchInterval: REFRESH_MS });
  const stateOf = (name: string) => states.data?.items.find((app) => app.name === name);
  return (
    <Card component="section" aria-label="Apps and ports">
      <Text fw={600} mb="md">
        Apps and ports
      </Text>
      <ul className={classes.apps}>
        {workspace.apps.map((app) => {
          const state = stateOf(app.name);
          const title = app.title || app.name;
          return (
            <Tile key={app.name} href={app.url}>
              <Face
                icon={ICONS[app.icon] ?? ICONS[app.name] ?? AppWindow}
                title={title}
                text={wordsFor(state)}
              />
            </Tile>
          );
        })}
        <li>
          <Link className={classes.app} to="terminal">
            <Face icon={SquareTerminal} title="Terminal" text="In this page" />
            <ChevronRight size={16} aria-hidden="true" />
          </Link>
        </li>
        {ports.data?.items.filter(isShown).map((port) => (
          <Tile key={port.port} href={port.url}>
            <Face
              icon={EthernetPort}
              title={port.label || `Port ${port.port}`}
              text={port.listening ? port.process || "Private" : "Nothing listens yet"}
            />
          </Tile>
        ))}
      </ul>
    </Card>
  );
}

/** Ports that the configuration says are nobody's business are left out; they can be reached all the same. */
function isShown(port: Port): boolean {
  return port.on_auto_forward !== "ignore";
}

function wordsFor(state: AppState | undefined): string {
  // A space keeps the line until the agent has answered.
  if (!state) return "\u00a0";
  return state.detail === "" ? STATES[state.state] : state.detail;
}

function Tile({ href, children }: { href: string; children: ReactNode }) {
  return (
    <li>
      <a className={classes.app} href={href} target="_blank" rel="noopener">
        {children}
        <VisuallyHidden>, opens in a new tab</VisuallyHidden>
        <ExternalLink size={15} aria-hidden="true" />
      </a>
    </li>
  );
}

function Face({ icon: Icon, title, text }: { icon: LucideIcon; title: string; text: string }) {
  return (
    <>
      <span className={classes.icon} aria-hidden="true">
        <Icon size={18} />
      </span>
      <span className={classes.words}>
        <span className={classes.title}>{title}</span>
        <span className={classes.state}>{text}</span>
      </span>
    </>
  );
}
