import { Card, Text, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  AppWindow,
  Book,
  ChartLine,
  ChevronRight,
  CodeXml,
  Database,
  EthernetPort,
  ExternalLink,
  FileText,
  FlaskConical,
  Globe,
  Monitor,
  NotebookPen,
  Play,
  Server,
  SquareTerminal,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { AppState, Port, Workspace } from "~/api/types";
import { isPage, portTitle } from "~/ports/forwarding";
import { VISIBILITIES } from "~/ports/visibility";
import { appsQuery, portsQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";
import classes from "./AppList.module.css";

/** The agent is asked again this often; it tells no events about apps and ports. */
const REFRESH_MS = 10_000;

const ICONS: Record<string, LucideIcon | undefined> = {
  app: AppWindow,
  book: Book,
  chart: ChartLine,
  code: CodeXml,
  database: Database,
  desktop: Monitor,
  docs: FileText,
  flask: FlaskConical,
  globe: Globe,
  jupyter: NotebookPen,
  notebook: NotebookPen,
  play: Play,
  rstudio: ChartLine,
  server: Server,
  terminal: SquareTerminal,
  port: EthernetPort,
  web: Globe,
};
const TERMINAL = "terminal";

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
  // What others may not open is not shown to them; the terminal has a page here.
  const apps = workspace.apps.filter(
    ({ name }) => name !== TERMINAL && (may(workspace, "use") || stateOf(name)?.may_open),
  );
  return (
    <Card component="section" aria-label="Apps and ports">
      <Text fw={600} mb="md">
        Apps and ports
      </Text>
      {apps.length === 0 &&
        !may(workspace, "watch") &&
        ports.isSuccess &&
        !ports.data.items.some(isShown) && (
          <Text size="sm" c="dimmed">
            Nothing of it is open to you.
          </Text>
        )}
      <ul className={classes.apps}>
        {apps.map((app) => {
          const state = stateOf(app.name);
          const title = app.title || app.name;
          return (
            <Tile key={app.name} href={app.url}>
              <Face icon={app.icon || app.name} title={title} text={wordsFor(state)} />
            </Tile>
          );
        })}
        {may(workspace, "watch") && (
          <li>
            <Link className={classes.app} to="terminal">
              <Face
                icon="terminal"
                title="Terminal"
                text={may(workspace, "use") ? "In this page" : "To watch, in this page"}
              />
              <ChevronRight size={16} aria-hidden="true" />
            </Link>
          </li>
        )}
        {ports.data?.items.filter(isShown).map((port) => (
          <Tile key={port.port} href={port.url}>
            <Face
              icon="port"
              title={portTitle(port)}
              text={
                port.listening
                  ? [port.process, VISIBILITIES[port.visibility].label].filter(Boolean).join(" · ")
                  : "Nothing listens yet"
              }
            />
          </Tile>
        ))}
      </ul>
    </Card>
  );
}

/** Ports that the configuration says are nobody's business are left out; they can be reached all the same. */
function isShown(port: Port): boolean {
  return port.on_auto_forward !== "ignore" && port.may_open && isPage(port);
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

/** `icon` is a name of the known set, or an emoji. */
function Face({ icon, title, text }: { icon: string; title: string; text: string }) {
  const Icon = ICONS[icon] ?? (/^[\x20-\x7e]*$/.test(icon) ? AppWindow : undefined);
  return (
    <>
      <span className={classes.icon} aria-hidden="true">
        {Icon ? <Icon size={18} /> : icon}
      </span>
      <span className={classes.words}>
        <span className={classes.title}>{title}</span>
        <span className={classes.state}>{text}</span>
      </span>
    </>
  );
}
