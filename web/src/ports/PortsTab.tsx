import { Anchor, Button, Card, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { EthernetPort, ExternalLink, Globe, Lock, Users, type LucideIcon } from "lucide-react";
import { useState } from "react";
import type { Port, Visibility, Workspace } from "~/api/types";
import { CopyIcon, CopyLine } from "~/design/CopyLine";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { QueryProblem } from "~/design/QueryProblem";
import { useDetail } from "~/detail/context";
import { NotRunning } from "~/detail/NotRunning";
import { sessionQuery } from "~/session/queries";
import { portsQuery } from "~/workspaces/queries";
import { commandName, may } from "~/workspaces/rights";
import { isPage, portTitle } from "./forwarding";
import { OpenToDialog } from "./OpenToDialog";
import classes from "./PortsTab.module.css";
import { PORTS_REFRESH_MS } from "./usePortNotices";
import { VISIBILITIES } from "./visibility";

/** What listens in the workspace: where it is, and who may open it. */
export function PortsTab() {
  const { workspace } = useDetail();
  if (workspace.phase !== "running") {
    return <NotRunning icon={EthernetPort} text="Ports are there when something in the workspace listens." />;
  }
  return (
    <Stack gap="lg">
      <PortList workspace={workspace} />
      {may(workspace, "use") && <Forwarding workspace={workspace} />}
    </Stack>
  );
}

function PortList({ workspace }: { workspace: Workspace }) {
  const query = useQuery({ ...portsQuery(workspace.id), refetchInterval: PORTS_REFRESH_MS });
  const [asked, setAsked] = useState<number>();
  const ports = query.data?.items ?? [];
  const chosen = ports.find(({ port }) => port === asked);
  if (query.isError && !query.data)
    return <QueryProblem error={query.error} retry={() => void query.refetch()} />;
  return (
    <Card padding={0} component="section" aria-label="Ports" aria-busy={query.isPending}>
      {query.isPending && <Skeleton h={120} />}
      {query.isSuccess && ports.length === 0 && (
        <EmptyState
          icon={<EthernetPort size={32} strokeWidth={1.4} />}
          title="Nothing listens"
          text={
            may(workspace, "use")
              ? "Start a server in the workspace, and it appears here by itself, private to you."
              : "No port is open to you. Its owner can name ports when sharing it."
          }
        />
      )}
      <ul className={classes.ports}>
        {ports.map((port) => (
          <PortRow key={port.port} port={port} workspace={workspace} onAsk={() => setAsked(port.port)} />
        ))}
      </ul>
      {chosen && (
        <OpenToDialog
          workspaceId={workspace.id}
          port={chosen}
          onlyClose={!may(workspace, "share")}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Card>
  );
}

const ICONS: Record<Visibility, LucideIcon> = { private: Lock, project: Users, public: Globe };

function PortRow({ port, workspace, onAsk }: { port: Port; workspace: Workspace; onAsk: () => void }) {
  const facts = [
    port.listening ? port.process : "nothing listens yet",
    port.protocol,
    port.on_auto_forward === "ignore" ? "ignored by the configuration" : "",
  ].filter(Boolean);
  const opensInBrowser = isPage(port) && port.may_open;
  return (
    <li className={classes.port}>
      <div className={classes.what}>
        <div className={classes.title}>
          {portTitle(port)}
          {port.label && <span className={classes.number}>{port.port}</span>}
          <span className={classes.facts}>{facts.join(" · ")}</span>
        </div>
        {opensInBrowser && (
          <Anchor size="sm" className={classes.address ?? ""} href={port.url} target="_blank" rel="noopener">
            {port.url}
          </Anchor>
        )}
        {!isPage(port) && port.may_open && (
          <Text size="sm" c="dimmed">
            No web page: reach it with <code>carrel port-forward</code>.
          </Text>
        )}
        {!port.may_open && (
          <Text size="sm" c="dimmed">
            Private: it is not open to you.
          </Text>
        )}
      </div>
      <Openness port={port} workspace={workspace} onAsk={onAsk} />
      <div className={classes.actions}>
        {opensInBrowser && (
          <>
            <CopyIcon text={port.url} what={`the address of ${portTitle(port)}`} />
            <Button
              size="xs"
              variant="light"
              component="a"
              href={port.url}
              target="_blank"
              rel="noopener"
              rightSection={<ExternalLink size={14} aria-hidden="true" />}
              aria-label={`Open ${portTitle(port)} in a new tab`}
            >
              Open
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

/** Who may open it; a button for those who decide. */
function Openness({ port, workspace, onAsk }: { port: Port; workspace: Workspace; onAsk: () => void }) {
  const Icon = ICONS[port.visibility];
  const { label } = VISIBILITIES[port.visibility];
  // The proxy speaks HTTP only: what is no page can be opened to nobody else.
  if (!isPage(port) && port.visibility === "private") return <span />;
  const decides = may(workspace, "share") || (may(workspace, "change") && port.visibility !== "private");
  const until = port.visibility !== "private" && port.expires_at && (
    <Text size="xs" c="dimmed">
      private again <Moment at={port.expires_at} />
    </Text>
  );
  return (
    <div>
      {decides ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon size={14} aria-hidden="true" />}
          onClick={onAsk}
          aria-label={`${label}: choose who may open ${portTitle(port)}`}
        >
          {label}
        </Button>
      ) : (
        <Text size="sm" c="dimmed">
          {label}
        </Text>
      )}
      {until}
    </div>
  );
}

function Forwarding({ workspace }: { workspace: Workspace }) {
  const user = useQuery(sessionQuery).data?.user;
  return (
    <Card component="section" aria-label="On your own machine">
      <Text fw={600} mb={4}>
        On your own machine
      </Text>
      <Text size="sm" c="dimmed" mb="sm">
        Every port that begins to listen, as localhost, while this runs in a terminal of yours; also what is
        no web page, such as a database. For one port give its number: <code>8080:80</code>.
      </Text>
      <CopyLine
        text={`carrel port-forward ${commandName(workspace, user)} --auto`}
        what="the command that forwards ports"
      />
    </Card>
  );
}
