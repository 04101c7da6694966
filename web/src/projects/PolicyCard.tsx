import { Button, Card, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { Project, ProjectPolicy } from "~/api/types";
import { Facts } from "~/design/Facts";
import { OwnMark } from "~/design/OwnMark";
import { QueryProblem } from "~/design/QueryProblem";
import { formatSeconds } from "~/design/time";
import { PolicyForm } from "./PolicyForm";
import { isOwn, scheduleInWords } from "./policyValues";
import { policyQuery } from "./queries";

/** How long workspaces of a project run, rest and stay in the trash. */
export function PolicyCard({ project, canChange }: { project: Project; canChange: boolean }) {
  const query = useQuery(policyQuery(project.name));
  const [changing, setChanging] = useState(false);
  return (
    <Card component="section" aria-label="Policy">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Policy</Text>
        {canChange && query.data && !changing && (
          <Button size="xs" flex="none" variant="default" onClick={() => setChanging(true)}>
            Change
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        What applies to workspaces that ask for nothing else, and within which bounds they may ask.
      </Text>
      {query.isPending && <Skeleton h={180} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (changing && canChange ? (
          <PolicyForm policy={query.data} onDone={() => setChanging(false)} />
        ) : (
          <Facts rows={factsOf(query.data)} />
        ))}
    </Card>
  );
}

function factsOf(policy: ProjectPolicy): (readonly [string, ReactNode])[] {
  const now = policy.in_force;
  const marked = (member: Parameters<typeof isOwn>[1], text: string): ReactNode => (
    <>
      {text} {isOwn(policy, member) && <OwnMark />}
    </>
  );
  const most = (seconds: number) => (seconds === 0 ? "no ceiling" : formatSeconds(seconds));
  const days = (count: number) =>
    count === 0 ? "never" : `${count} ${count === 1 ? "day" : "days"} at rest`;
  return [
    ["Stops when idle for", marked("ttl_seconds", formatSeconds(now.ttl_seconds))],
    ["Shortest idle time", marked("ttl_min_seconds", formatSeconds(now.ttl_min_seconds))],
    ["Longest idle time", marked("ttl_max_seconds", most(now.ttl_max_seconds))],
    [
      "Longest life of one start",
      marked("max_life_seconds", now.max_life_seconds === 0 ? "no cap" : formatSeconds(now.max_life_seconds)),
    ],
    ["Longest with extensions", marked("hard_life_seconds", most(now.hard_life_seconds))],
    ["Starts and stops", marked("schedule", scheduleInWords(now.schedule))],
    ["Archived after", marked("archive_after_days", days(now.archive_after_days))],
    ["To the trash after", marked("delete_after_days", days(now.delete_after_days))],
    [
      "Kept in the trash for",
      marked("trash_days", `${now.trash_days} ${now.trash_days === 1 ? "day" : "days"}`),
    ],
  ];
}
