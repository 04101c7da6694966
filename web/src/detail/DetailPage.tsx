import { Badge, Button, Skeleton, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Play, RotateCcw, Square } from "lucide-react";
import { Link, Outlet, useParams } from "react-router";
import { asProblem } from "~/api/problem";
import type { Workspace } from "~/api/types";
import { ConnectButton } from "~/connect/ConnectButton";
import { PhaseBadge } from "~/design/PhaseBadge";
import { QueryProblem } from "~/design/QueryProblem";
import { TabNav } from "~/design/TabNav";
import { useNow } from "~/design/useNow";
import { usePageTitle } from "~/design/usePageTitle";
import { useWorkspaceEvents } from "~/events/useWorkspaceEvents";
import { OthersHere } from "~/sharing/OthersHere";
import { usePortNotices } from "~/ports/usePortNotices";
import { sessionQuery } from "~/session/queries";
import { useCommand } from "~/workspaces/commands";
import { OpenButton } from "~/workspaces/OpenButton";
import { isStarting, PHASES } from "~/workspaces/phase";
import { workspaceQuery } from "~/workspaces/queries";
import { may, whoseLine, type Right } from "~/workspaces/rights";
import { statusLine } from "~/workspaces/statusLine";
import { WorkspaceMenu } from "~/workspaces/WorkspaceMenu";
import type { Detail } from "./context";
import classes from "./DetailPage.module.css";

const SHARED_REFRESH_MS = 10_000;

/** Each with what one must be allowed to do; Sharing is also for those who only see who is here. */
const TABS: readonly (readonly [path: string, label: string, right?: Right])[] = [
  ["", "Overview"],
  ["terminal", "Terminal", "watch"],
  ["ports", "Ports"],
  ["files", "Files", "use"],
  ["sharing", "Sharing", "watch"],
  ["log", "Log", "read"],
  ["timeline", "Timeline", "read"],
  ["events", "Events", "read"],
  ["danger", "Danger", "delete"],
];

/** One workspace: what it is doing, what can be asked of it, and everything known of it in tabs. */
export function DetailPage() {
  const { id = "" } = useParams();
  const isGuest = useQuery(sessionQuery).data?.role === "guest";
  const query = useQuery({
    ...workspaceQuery(id),
    // Nobody is told by an event that something was taken away from them.
    refetchInterval: ({ state }) => (isGuest || state.data?.shared ? SHARED_REFRESH_MS : false),
  });
  // Asked for beside the workspace, but where a guest may not: one who only looks is told no events.
  const readsEvents = query.data ? may(query.data, "read") : !isGuest;
  const { events, ...status } = useWorkspaceEvents(readsEvents ? id : undefined);
  usePortNotices(query.data);
  usePageTitle(query.data ? `${query.data.name}: ${PHASES[query.data.phase].label}` : "Workspace");

  if (query.isError && (!query.data || asProblem(query.error).status === 404))
    return <QueryProblem error={query.error} retry={() => void query.refetch()} />;
  return (
    <>
      {!isGuest && (
        <Link to="/" className={classes.crumb}>
          <ChevronLeft size={15} aria-hidden="true" />
          Workspaces
        </Link>
      )}
      {query.data ? <DetailHeader workspace={query.data} /> : <HeaderSkeleton />}
      <Tabs workspace={query.data} />
      {query.data ? (
        <Outlet context={{ workspace: query.data, events, status } satisfies Detail} />
      ) : (
        <Skeleton h={240} radius="lg" />
      )}
    </>
  );
}

function Tabs({ workspace }: { workspace: Workspace | undefined }) {
  const shown = TABS.filter(([, , right]) => !right || (workspace && may(workspace, right)));
  return <TabNav label="Workspace" tabs={shown.map(([path, label]) => [path, label] as const)} />;
}

function DetailHeader({ workspace }: { workspace: Workspace }) {
  const now = useNow();
  return (
    <header className={classes.header}>
      <div>
        <Title order={1} className={classes.title}>
          {workspace.name}
        </Title>
        <div className={classes.state} aria-live="polite">
          <PhaseBadge workspace={workspace} />
          <Whose workspace={workspace} />
          {!workspace.degraded && workspace.phase !== "failed" && (
            <span aria-live="off">{statusLine(workspace, now)}</span>
          )}
          <OthersHere workspace={workspace} />
        </div>
      </div>
      <Actions workspace={workspace} />
    </header>
  );
}

/** Of a workspace of somebody else: whose it is, and what one may do. */
function Whose({ workspace }: { workspace: Workspace }) {
  const session = useQuery(sessionQuery).data;
  const line =
    session?.role === "guest" ? `You are a guest of ${workspace.owner}` : whoseLine(workspace, session?.user);
  return line ? (
    <Badge variant="light" color="gray" tt="none" fw={550}>
      {line}
    </Badge>
  ) : null;
}

function Actions({ workspace }: { workspace: Workspace }) {
  const command = useCommand(workspace.id);
  const ask = (asked: "start" | "stop" | "undelete") => ({
    onClick: () => command.mutate({ command: asked }),
    loading: command.isPending && command.variables.command === asked,
  });
  const running = workspace.phase === "running";
  const down =
    workspace.phase === "stopped" || workspace.phase === "failed" || workspace.phase === "stopping";
  const isDeleted = workspace.phase === "deleted";
  return (
    <div className={classes.actions}>
      {running && <OpenButton workspace={workspace} />}
      {!isDeleted && may(workspace, "use") && <ConnectButton workspace={workspace} />}
      {down && may(workspace, "start") && (
        <Button leftSection={<Play size={16} aria-hidden="true" />} {...ask("start")}>
          {workspace.phase === "failed" ? "Try again" : "Start"}
        </Button>
      )}
      {(running || isStarting(workspace)) && may(workspace, "operate") && (
        <Button variant="default" leftSection={<Square size={15} aria-hidden="true" />} {...ask("stop")}>
          Stop
        </Button>
      )}
      {isDeleted && may(workspace, "delete") && (
        <Button leftSection={<RotateCcw size={16} aria-hidden="true" />} {...ask("undelete")}>
          Take out of the trash
        </Button>
      )}
      {!isDeleted && may(workspace, "read") && (
        <WorkspaceMenu workspace={workspace} without={["start", "stop"]} />
      )}
    </div>
  );
}

function HeaderSkeleton() {
  return (
    <header className={classes.header} aria-busy="true">
      <div>
        <Skeleton h={30} w={220} />
        <div className={classes.state}>
          <Skeleton h={14} w={160} />
        </div>
      </div>
      <Skeleton h={36} w={180} />
    </header>
  );
}
