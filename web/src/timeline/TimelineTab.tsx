import { VisuallyHidden, Card, Group, NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChartGantt } from "lucide-react";
import { useState, type CSSProperties } from "react";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { formatDateTime, formatDuration } from "~/design/time";
import { useDetail } from "~/detail/context";
import { timelineQuery } from "~/workspaces/queries";
import { waterfalls, type Bar, type Waterfall } from "./waterfall";
import classes from "./TimelineTab.module.css";

/** Where the time of a start went. */
export function TimelineTab() {
  const { workspace } = useDetail();
  const [start, setStart] = useState<number>();
  const query = useQuery(timelineQuery(workspace.id, start));
  if (query.isError) return <QueryProblem error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <Card aria-busy="true">
        <Stack gap="md">
          <Skeleton h={18} w="30%" />
          <Skeleton h={18} w="55%" />
          <Skeleton h={18} w="80%" />
        </Stack>
      </Card>
    );
  }
  const [shown] = waterfalls(query.data.spans);
  const starts = Array.from({ length: workspace.start }, (_, index) => workspace.start - index);
  return (
    <Card>
      <Group justify="space-between" mb="lg" wrap="wrap">
        <Text size="sm" c="dimmed">
          {shown && (
            <>
              Start {shown.start}, {formatDateTime(shown.began)}:{" "}
              <Text span inherit c="var(--mantine-color-text)" fw={600}>
                {formatDuration(shown.totalMs)}
              </Text>
            </>
          )}
        </Text>
        {starts.length > 1 && (
          <NativeSelect
            aria-label="Start"
            value={start === undefined ? "" : String(start)}
            onChange={(event) =>
              setStart(event.currentTarget.value === "" ? undefined : Number(event.currentTarget.value))
            }
            data={[
              { value: "", label: "Latest start" },
              ...starts.map((own) => ({ value: String(own), label: `Start ${own}` })),
            ]}
          />
        )}
      </Group>
      {shown ? (
        <WaterfallTable waterfall={shown} />
      ) : (
        <EmptyState
          icon={<ChartGantt size={34} strokeWidth={1.4} />}
          title="No times yet"
          text="Each piece of a start appears here when it has ended: fetching the source, building, starting, hooks, the first byte of the editor."
        />
      )}
    </Card>
  );
}

function WaterfallTable({ waterfall }: { waterfall: Waterfall }) {
  const [, tick = waterfall.totalMs] = waterfall.ticks;
  const lane: CSSProperties & { "--tick": string } = { "--tick": `${(tick / waterfall.totalMs) * 100}%` };
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col" className={classes.name}>
            <Text span size="xs" c="dimmed">
              What
            </Text>
          </th>
          <th scope="col">
            <VisuallyHidden>When</VisuallyHidden>
            <Axis waterfall={waterfall} />
          </th>
          <th scope="col" className={classes.time}>
            <Text span size="xs" c="dimmed">
              Took
            </Text>
          </th>
        </tr>
      </thead>
      <tbody>
        {waterfall.bars.map((bar, index) => (
          <tr key={index}>
            <th scope="row" className={classes.name}>
              {bar.label}
              {bar.detail && (
                <span className={classes.detail} title={bar.detail}>
                  {bar.detail}
                </span>
              )}
            </th>
            <td>
              <Lane bar={bar} style={lane} />
            </td>
            <td className={classes.time}>{formatDuration(bar.durationMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Lane({ bar, style }: { bar: Bar; style: CSSProperties }) {
  const from = formatDuration(bar.offsetMs);
  return (
    <div
      className={classes.lane}
      style={style}
      title={`${bar.label}: from ${from}, for ${formatDuration(bar.durationMs)}`}
    >
      <div
        className={classes.bar}
        data-name={bar.name}
        style={{ left: `min(${bar.left}%, 100% - 3px)`, width: `${bar.width}%` }}
      />
    </div>
  );
}

function Axis({ waterfall }: { waterfall: Waterfall }) {
  return (
    <div className={classes.axis} aria-hidden="true">
      {waterfall.ticks
        .filter((ms) => ms < waterfall.totalMs * 0.92)
        .map((ms) => (
          <span key={ms} className={classes.tick} style={{ left: `${(ms / waterfall.totalMs) * 100}%` }}>
            {ms === 0 ? "0" : formatDuration(ms)}
          </span>
        ))}
    </div>
  );
}
