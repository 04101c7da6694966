import { Anchor, Card, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { isStarting } from "~/workspaces/phase";
import { LogView } from "./LogView";
import { latestStream, logStreamsQuery } from "./streams";
import { useLog } from "./useLog";

/** The end of the log that is written to just now. */
export function LogTail({ workspace }: { workspace: Workspace }) {
  const streams = useQuery({
    ...logStreamsQuery(workspace.id),
    refetchInterval: isStarting(workspace) ? 1500 : false,
  });
  const stream = latestStream(streams.data ?? []);
  const { buffer } = useLog(workspace.id, stream);
  const lines = useSyncExternalStore(buffer.subscribe, buffer.getLines);
  return (
    <Card component="section" aria-label="Log">
      <Group justify="space-between" mb="sm">
        <Text fw={600}>Log{stream ? `: ${stream}` : ""}</Text>
        <Anchor component={Link} to="log" size="sm">
          Whole log
        </Anchor>
      </Group>
      <LogView lines={lines} empty="Nothing is written yet." height="13rem" label="End of the log" />
    </Card>
  );
}
