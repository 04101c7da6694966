import { Button, Card, Group, Progress, Skeleton, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Ceilings, LimitsOf } from "~/api/types";
import { OwnMark } from "~/design/OwnMark";
import { QueryProblem } from "~/design/QueryProblem";
import { LimitsForm } from "./LimitsForm";
import classes from "./LimitsCard.module.css";
import { MEASURES, standingOf, type MeasureText } from "./measures";

interface LimitsCardProps {
  about: string;
  query: UseQueryResult<LimitsOf>;
  canChange: boolean;
  /** Store what was said, and see to it that it is shown. */
  store: (own: Ceilings) => Promise<unknown>;
}

/** What a project or a user may have in all, and what there is. */
export function LimitsCard({ about, query, canChange, store }: LimitsCardProps) {
  const [changing, setChanging] = useState(false);
  return (
    <Card component="section" aria-label="Limits">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Limits</Text>
        {canChange && query.data && !changing && (
          <Button size="xs" flex="none" variant="default" onClick={() => setChanging(true)}>
            Change
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        {about}
      </Text>
      {query.isPending && <Skeleton h={180} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (changing && canChange ? (
          <LimitsForm limits={query.data} store={store} onDone={() => setChanging(false)} />
        ) : (
          <ul className={classes.measures}>
            {MEASURES.map((text) => (
              <Standing key={text.measure} limits={query.data} text={text} />
            ))}
          </ul>
        ))}
    </Card>
  );
}

function Standing({ limits, text }: { limits: LimitsOf; text: MeasureText }) {
  const { used, most, percent, isOwn, isFull } = standingOf(limits, text.measure);
  return (
    <li className={classes.measure}>
      <span className={classes.label} title={text.about}>
        {text.label}
      </span>
      <Progress
        className={classes.bar ?? ""}
        value={percent}
        color={isFull ? "brick" : percent >= 80 ? "amber" : "lamp"}
        size="sm"
        aria-label={`${text.label} that are used`}
      />
      <span className={classes.amount}>
        {most === undefined ? `${used}, no limit` : `${used} of ${most}`}
        {isFull && <span className={classes.full}> full</span>} {isOwn && <OwnMark />}
      </span>
    </li>
  );
}
