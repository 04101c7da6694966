import { Button, Card, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import type { WorkspaceEvent } from "~/api/types";
import { QueryProblem } from "~/design/QueryProblem";
import { formatClock, formatDate, formatDateTime } from "~/design/time";
import { useDetail } from "~/detail/context";
import { describeEvent, isRepeated } from "./describe";
import classes from "./EventsTab.module.css";

const FIRST_SHOWN = 100;

/** What happened to the workspace, the newest first. */
export function EventsTab() {
  const { events, status } = useDetail();
  const [withActivity, setWithActivity] = useState(false);
  const [limit, setLimit] = useState(FIRST_SHOWN);
  const wanted = events
    .filter((event) => !isRepeated(event) && (withActivity || event.kind !== "activity"))
    .toReversed();

  if (status.state === "refused") return <QueryProblem error={status.problem} />;
  if (events.length === 0) {
    return (
      <Card aria-busy="true">
        <Stack gap="md">
          <Skeleton h={14} w="50%" />
          <Skeleton h={14} w="70%" />
          <Skeleton h={14} w="40%" />
        </Stack>
      </Card>
    );
  }
  return (
    <Card>
      <Switch
        mb="lg"
        label="Show every sign of activity"
        checked={withActivity}
        onChange={(event) => setWithActivity(event.currentTarget.checked)}
      />
      {days(wanted.slice(0, limit)).map(([day, own]) => (
        <section key={day} aria-label={day}>
          <Text size="xs" c="dimmed" fw={600} mb="sm">
            {day}
          </Text>
          <ol className={classes.list} reversed>
            {own.map((event) => (
              <EventItem key={event.number} event={event} />
            ))}
          </ol>
        </section>
      ))}
      {wanted.length > limit && (
        <Button variant="default" size="xs" onClick={() => setLimit(limit + FIRST_SHOWN)}>
          Show older
        </Button>
      )}
    </Card>
  );
}

function EventItem({ event }: { event: WorkspaceEvent }) {
  const { title, detail, tone } = describeEvent(event);
  const at = new Date(event.at);
  return (
    <li className={classes.event} data-tone={tone}>
      <span className={classes.mark} aria-hidden="true" />
      <div>
        <div className={classes.title}>{title}</div>
        {detail && <div className={classes.detail}>{detail}</div>}
      </div>
      <time className={classes.at} dateTime={event.at} title={formatDateTime(at)}>
        {formatClock(at)}
      </time>
    </li>
  );
}

function days(events: readonly WorkspaceEvent[]): [string, WorkspaceEvent[]][] {
  const byDay = new Map<string, WorkspaceEvent[]>();
  for (const event of events) {
    const day = formatDate(new Date(event.at));
    byDay.set(day, [...(byDay.get(day) ?? []), event]);
  }
  return [...byDay];
}
