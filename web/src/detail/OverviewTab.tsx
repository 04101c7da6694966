import { Anchor, Button, Code, Grid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { Facts } from "~/design/Facts";
import { Moment } from "~/design/Moment";
import { ProblemBox } from "~/design/ProblemBox";
import { formatBytes } from "~/design/size";
import { formatSeconds } from "~/design/time";
import { Section } from "~/design/Section";
import { LogTail } from "~/logs/LogTail";
import { sessionQuery } from "~/session/queries";
import { TemplateSection, UpdateOffer } from "~/templates/update/TemplateSection";
import { useCommand } from "~/workspaces/commands";
import { isStarting } from "~/workspaces/phase";
import { sourceLabel, sourceLink } from "~/workspaces/source";
import { whyQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";
import { AppList } from "./AppList";
import { useDetail } from "./context";
import { GuestOverview } from "./GuestOverview";
import { SecretList } from "./SecretList";
import { HookList } from "./HookList";
import { PolicyNotices } from "./PolicyNotices";
import { StartProgress } from "./StartProgress";

/** Signs of activity come in at about this pace. */
const WHY_REFRESH_MS = 15_000;

/** What a person wants to know first: is it well, how do I get in, what is it, when does it stop. */
export function OverviewTab() {
  const { workspace, events } = useDetail();
  const starting = isStarting(workspace);
  const isGuest = useQuery(sessionQuery).data?.role === "guest";
  if (isGuest || !may(workspace, "read")) return <GuestOverview workspace={workspace} />;
  return (
    <Stack gap="lg">
      <Trouble workspace={workspace} />
      <PolicyNotices workspace={workspace} />
      <RebuildOffer workspace={workspace} />
      <UpdateOffer workspace={workspace} />
      {(starting || workspace.phase === "failed") && <StartProgress workspace={workspace} events={events} />}
      {(starting || workspace.phase === "failed") && <LogTail workspace={workspace} />}
      {workspace.phase === "running" && <AppList workspace={workspace} />}
      {workspace.phase === "running" && <HookList workspace={workspace} />}
      <SecretList workspace={workspace} />
      <TemplateSection workspace={workspace} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <Section title="Source and size">
            <About workspace={workspace} />
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <Section title="Life">
            <Life workspace={workspace} />
          </Section>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Trouble({ workspace }: { workspace: Workspace }) {
  const command = useCommand(workspace.id);
  const { problem } = workspace;
  if (problem && (workspace.phase === "failed" || problem.retry_at)) {
    const retrying = workspace.phase !== "failed";
    return (
      <ProblemBox
        tone={retrying ? "warning" : "bad"}
        title={retrying ? `${problem.title}; trying again` : problem.title}
        detail={problem.detail}
        hint={problem.hint}
      />
    );
  }
  if (workspace.degraded) {
    return (
      <ProblemBox tone="warning" title="It runs, but not as it should" detail={workspace.degraded}>
        <Button size="xs" variant="default" component={Link} to="log" mr="xs">
          Look at the log
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={command.isPending}
          onClick={() => command.mutate({ command: "rebuild" })}
          disabled={!may(workspace, "operate")}
        >
          Rebuild
        </Button>
      </ProblemBox>
    );
  }
  return null;
}

/** The files that the environment was made from are not what they were. */
function RebuildOffer({ workspace }: { workspace: Workspace }) {
  const command = useCommand(workspace.id);
  const files = workspace.rebuild_offered;
  if (files.length === 0 || isStarting(workspace) || !may(workspace, "operate")) return null;
  return (
    <ProblemBox tone="warning" title="The configuration has changed" detail={files.join("\n")}>
      <Button
        size="xs"
        variant="default"
        loading={command.isPending}
        onClick={() => command.mutate({ command: "rebuild" })}
      >
        Rebuild to apply it
      </Button>
    </ProblemBox>
  );
}

function About({ workspace }: { workspace: Workspace }) {
  const { source, limits } = workspace;
  const link = sourceLink(source);
  return (
    <Facts
      rows={[
        [
          "Source",
          link ? (
            <Anchor href={link} target="_blank" rel="noopener noreferrer" size="sm">
              {sourceLabel(source)}
            </Anchor>
          ) : (
            sourceLabel(source)
          ),
        ],
        ["Ref", workspace.branch || (source.kind === "git" ? source.ref : "")],
        ["Commit", workspace.commit && <Code>{workspace.commit.slice(0, 12)}</Code>],
        ["Configuration", workspace.devcontainer && <Code>{workspace.devcontainer}</Code>],
        ["CPU", limits.cpus === null ? "no limit" : `${limits.cpus}`],
        ["Memory", limits.memory_bytes === null ? "no limit" : formatBytes(limits.memory_bytes)],
        ["GPU", limits.gpus > 0 ? `${limits.gpus}` : ""],
        ["Disk", workspace.disk_bytes === null ? "" : formatBytes(workspace.disk_bytes)],
        ["Network", workspace.egress === "none" ? "no way out" : "open"],
      ]}
    />
  );
}

function Life({ workspace }: { workspace: Workspace }) {
  const running = workspace.phase === "running";
  const why = useQuery({ ...whyQuery(workspace.id), enabled: running, refetchInterval: WHY_REFRESH_MS });
  const { retention } = workspace;
  return (
    <Stack gap="md">
      {running && why.data && <Text size="sm">{why.data.reason}</Text>}
      <Facts
        rows={[
          ["Stops", running && workspace.stops_at ? <Moment at={workspace.stops_at} /> : ""],
          [
            "At the latest",
            running && workspace.deadline ? <Deadline workspace={workspace} at={workspace.deadline} /> : "",
          ],
          ["Running since", workspace.running_since ? <Moment at={workspace.running_since} /> : ""],
          ["Last activity", workspace.last_activity_at ? <Moment at={workspace.last_activity_at} /> : ""],
          ["Stopped because", !running ? workspace.stop_reason : ""],
          [
            "When idle for",
            `${formatSeconds(retention.ttl_seconds)}${retention.on_idle === "delete" ? ", delete" : ""}`,
          ],
          ["Longest life", formatSeconds(retention.max_life_seconds)],
          ["Created", workspace.created_at ? <Moment at={workspace.created_at} /> : ""],
        ]}
      />
    </Stack>
  );
}

/** The end of this start's life, which can be moved. */
function Deadline({ workspace, at }: { workspace: Workspace; at: string }) {
  const command = useCommand(workspace.id);
  return (
    <>
      <Moment at={at} />
      {may(workspace, "operate") && (
        <Button
          size="compact-xs"
          variant="default"
          ml="sm"
          loading={command.isPending}
          onClick={() => command.mutate({ command: "extend", seconds: 3600 })}
        >
          An hour more
        </Button>
      )}
    </>
  );
}
