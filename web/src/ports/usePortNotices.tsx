import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { EthernetPort } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Port, Workspace } from "~/api/types";
import { portsQuery } from "~/workspaces/queries";
import { isPage, listening, newlyListening, portTitle, wantsBrowser } from "./forwarding";

/** The agent is asked again this often; it tells no events about what listens. */
export const PORTS_REFRESH_MS = 4000;
const NOTICE_MS = 15_000;

/** Say so when something begins to listen in a workspace, as `onAutoForward` wants it. */
export function usePortNotices(workspace: Workspace | undefined): void {
  const running = workspace?.phase === "running";
  const id = workspace?.id ?? "";
  const { data } = useQuery({
    ...portsQuery(id),
    enabled: running,
    refetchInterval: PORTS_REFRESH_MS,
  });
  const start = workspace?.start;
  const known = useRef<{ start: number | undefined; ports: ReadonlySet<number> }>(undefined);

  useEffect(() => {
    if (!running || !data) return;
    // What listens when the page is opened is no news.
    if (known.current && known.current.start === start) {
      for (const port of newlyListening(known.current.ports, data.items)) tell(id, port);
    }
    known.current = { start, ports: listening(data.items) };
  }, [running, data, id, start]);
}

function tell(workspaceId: string, port: Port): void {
  const offered = wantsBrowser(port);
  const notice = `port-${workspaceId}-${port.port}`;
  notifications.show({
    id: notice,
    color: "lamp",
    icon: <EthernetPort size={18} />,
    title: `${portTitle(port)} is there`,
    autoClose: offered ? false : NOTICE_MS,
    message: (
      <Group gap="sm" mt={4}>
        <Text size="sm">
          {[port.process || "Something", `listens on port ${port.port}.`].join(" ")}
          {offered && " The configuration asks to open it."}
        </Text>
        {isPage(port) && (
          <Button
            size="compact-sm"
            variant={offered ? "filled" : "default"}
            component="a"
            href={port.url}
            target="_blank"
            rel="noopener"
            onClick={() => notifications.hide(notice)}
          >
            Open in a new tab
          </Button>
        )}
      </Group>
    ),
  });
}
