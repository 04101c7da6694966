import { Button, Card } from "@mantine/core";
import type { LucideIcon } from "lucide-react";
import { EmptyState } from "~/design/EmptyState";
import { useCommand } from "~/workspaces/commands";
import { isStarting } from "~/workspaces/phase";
import { may } from "~/workspaces/rights";
import { useDetail } from "./context";

interface NotRunningProps {
  icon: LucideIcon;
  /** What is here while it runs. */
  text: string;
}

/** In the place of what only a running workspace has. */
export function NotRunning({ icon: Icon, text }: NotRunningProps) {
  const { workspace } = useDetail();
  const command = useCommand(workspace.id);
  return (
    <Card>
      <EmptyState
        icon={<Icon size={34} strokeWidth={1.4} />}
        title={isStarting(workspace) ? "Not ready yet" : "Nothing runs here"}
        text={text}
      >
        {workspace.phase === "stopped" && may(workspace, "start") && (
          <Button loading={command.isPending} onClick={() => command.mutate({ command: "start" })}>
            Start
          </Button>
        )}
      </EmptyState>
    </Card>
  );
}
