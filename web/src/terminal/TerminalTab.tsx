import { Badge, Button, Card, Loader, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Eye, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { useDetail } from "~/detail/context";
import { useCommand } from "~/workspaces/commands";
import { isStarting } from "~/workspaces/phase";
import type { ConnectionState } from "./connection";
import { FIRST } from "./names";
import { REFRESH_MS, terminalsQuery, whyRefused } from "./queries";
import { Screen } from "./Screen";
import { TerminalList } from "./TerminalList";
import classes from "./TerminalTab.module.css";

/** The workspace's terminals, one at a time; they go on when the page is closed. */
export function TerminalTab() {
  const { workspace } = useDetail();
  const command = useCommand(workspace.id);
  if (workspace.phase === "running") {
    return <Terminals key={workspace.start} workspaceId={workspace.id} workspaceName={workspace.name} />;
  }
  return (
    <Card>
      <EmptyState
        icon={<SquareTerminal size={34} strokeWidth={1.4} />}
        title={isStarting(workspace) ? "Not ready yet" : "Nothing runs here"}
        text={
          isStarting(workspace)
            ? "The terminal opens by itself as soon as the workspace runs."
            : "A terminal needs a running workspace."
        }
      >
        {workspace.phase === "stopped" && (
          <Button loading={command.isPending} onClick={() => command.mutate({ command: "start" })}>
            Start
          </Button>
        )}
      </EmptyState>
    </Card>
  );
}

interface TerminalsProps {
  workspaceId: string;
  workspaceName: string;
}

/** Which terminal, and whether one only looks on, is in the address: it can be sent to somebody. */
function Terminals({ workspaceId, workspaceName }: TerminalsProps) {
  const [query, setQuery] = useSearchParams();
  const list = useQuery({ ...terminalsQuery(workspaceId), refetchInterval: REFRESH_MS });
  const name = query.get("terminal") ?? FIRST;
  const mayType = list.data?.may_type ?? true;
  const readOnly = !mayType || query.has("watch");

  function show(next: { name?: string; watch?: boolean }) {
    const watch = next.watch ?? query.has("watch");
    setQuery({ terminal: next.name ?? name, ...(watch ? { watch: "" } : {}) }, { preventScrollReset: true });
  }

  return (
    <div className={classes.frame}>
      <div className={classes.head}>
        <TerminalList
          workspaceId={workspaceId}
          terminals={list.data?.items ?? []}
          shown={name}
          mayType={mayType}
          onShow={(next) => show({ name: next })}
        />
        <Switch
          size="xs"
          label="Watch only"
          checked={readOnly}
          disabled={!mayType}
          onChange={(event) => show({ watch: event.currentTarget.checked })}
        />
      </div>
      {/* Who may only look on is known once the list has come. */}
      {!list.isPending && (
        <OpenTerminal
          key={`${name} ${readOnly}`}
          url={`/api/v1/workspaces/${workspaceId}/terminals/${encodeURIComponent(name)}`}
          label={`Terminal ${name} of ${workspaceName}`}
          readOnly={readOnly}
          whyRefused={() => whyRefused(workspaceId)}
        />
      )}
    </div>
  );
}

interface OpenTerminalProps {
  url: string;
  label: string;
  readOnly: boolean;
  whyRefused: () => Promise<string | undefined>;
}

function OpenTerminal({ url, label, readOnly, whyRefused: askWhy }: OpenTerminalProps) {
  const [session, setSession] = useState(0);
  const [attached, setAttached] = useState(1);
  const [{ state, words }, setStatus] = useState<{ state: ConnectionState; words: string }>({
    state: "connecting",
    words: "",
  });
  const over = state === "ended" || state === "refused";
  return (
    <>
      <div className={classes.bar} role="status">
        {(state === "connecting" || state === "lost") && <Loader size={14} aria-hidden="true" />}
        {readOnly && (
          <Badge size="sm" variant="light" color="gray" leftSection={<Eye size={12} aria-hidden="true" />}>
            Read-only
          </Badge>
        )}
        <span>
          {STATES[state]} {words}
        </span>
        {attached > 1 && !over && <span>{others(attached - 1)}</span>}
        {over && (
          <Button size="compact-xs" variant="default" onClick={() => setSession(session + 1)}>
            {readOnly ? "Try again" : "Open a new one"}
          </Button>
        )}
      </div>
      <Screen
        key={session}
        url={url}
        label={label}
        readOnly={readOnly}
        onState={(next, nextWords) => setStatus({ state: next, words: nextWords })}
        onAttached={setAttached}
        whyRefused={askWhy}
      />
    </>
  );
}

const STATES: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  open: "Goes on running when you leave this page.",
  lost: "Reconnecting… The terminal goes on running; nothing is lost.",
  ended: "Closed.",
  refused: "Refused.",
};

function others(count: number): string {
  return count === 1 ? "1 other is attached." : `${count} others are attached.`;
}
