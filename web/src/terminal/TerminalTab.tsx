import { Button, Card, Loader } from "@mantine/core";
import { SquareTerminal } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "~/design/EmptyState";
import { useDetail } from "~/detail/context";
import { useCommand } from "~/workspaces/commands";
import { isStarting } from "~/workspaces/phase";
import type { ConnectionState } from "./connection";
import { Screen } from "./Screen";
import classes from "./TerminalTab.module.css";

const NAME = "main";

/** The workspace's terminal named `main`; it goes on when the page is closed. */
export function TerminalTab() {
  const { workspace } = useDetail();
  const command = useCommand(workspace.id);
  if (workspace.phase === "running") {
    return <OpenTerminal key={workspace.start} workspaceId={workspace.id} workspaceName={workspace.name} />;
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

function OpenTerminal({ workspaceId, workspaceName }: { workspaceId: string; workspaceName: string }) {
  const [session, setSession] = useState(0);
  const [{ state, words }, setStatus] = useState<{ state: ConnectionState; words: string }>({
    state: "connecting",
    words: "",
  });
  const over = state === "ended" || state === "refused";
  return (
    <div className={classes.frame}>
      <div className={classes.bar} role="status">
        {(state === "connecting" || state === "lost") && <Loader size={14} aria-hidden="true" />}
        <span>
          {STATES[state]} {words}
        </span>
        {over && (
          <Button size="compact-xs" variant="default" onClick={() => setSession(session + 1)}>
            Open a new one
          </Button>
        )}
      </div>
      <Screen
        key={session}
        url={`/api/v1/workspaces/${workspaceId}/terminals/${NAME}`}
        label={`Terminal of ${workspaceName}`}
        onState={(next, nextWords) => setStatus({ state: next, words: nextWords })}
      />
    </div>
  );
}

const STATES: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  open: "Goes on running when you leave this page.",
  lost: "The connection is lost; trying again. The terminal goes on running.",
  ended: "Closed.",
  refused: "Refused.",
};
