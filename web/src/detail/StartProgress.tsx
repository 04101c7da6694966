import { Card, Group, Loader, Text, VisuallyHidden } from "@mantine/core";
import { Circle, CircleCheck, CircleDashed, CircleX } from "lucide-react";
import type { Workspace, WorkspaceEvent } from "~/api/types";
import { formatDuration } from "~/design/time";
import { useNow } from "~/design/useNow";
import { isStarting } from "~/workspaces/phase";
import { startSteps, type Step, type StepState } from "./steps";
import classes from "./StartProgress.module.css";

interface StartProgressProps {
  workspace: Workspace;
  events: readonly WorkspaceEvent[];
}

/** The steps of the start that is under way, with their times; of the last one where it failed. */
export function StartProgress({ workspace, events }: StartProgressProps) {
  const ticking = isStarting(workspace);
  const now = useNow(ticking);
  const start = startSteps(workspace.phase, events);
  const end = start.ended ?? now;
  return (
    <Card component="section" aria-label="Progress of the start">
      <Group justify="space-between" mb="sm">
        <Text fw={600}>{ticking ? "Starting" : "The last start"}</Text>
        {start.began && (
          <Text size="sm" c="dimmed" className="tabular">
            {formatDuration(end.getTime() - start.began.getTime())}
          </Text>
        )}
      </Group>
      <ol className={classes.steps}>
        {start.steps.map((step) => (
          <StepItem key={step.phase} step={step} now={now} />
        ))}
      </ol>
    </Card>
  );
}

const WORDS: Record<StepState, string> = {
  todo: "to come",
  current: "under way",
  done: "done",
  skipped: "not needed",
  failed: "failed",
};

function StepItem({ step, now }: { step: Step; now: Date }) {
  const end = step.ended ?? (step.state === "current" ? now : undefined);
  const time =
    step.began && end && step.phase !== "running" ? formatDuration(end.getTime() - step.began.getTime()) : "";
  return (
    <li
      className={classes.step}
      data-state={step.state}
      aria-current={step.state === "current" ? "step" : undefined}
    >
      <span className={classes.icon} aria-hidden="true">
        <StepIcon state={step.state} />
      </span>
      <span>
        <span className={classes.label}>{step.label}</span>
        <VisuallyHidden>, {WORDS[step.state]}</VisuallyHidden>
        {step.note && <span className={classes.note}>{step.note}</span>}
      </span>
      <span className={classes.time}>{step.state === "skipped" ? "not needed" : time}</span>
    </li>
  );
}

function StepIcon({ state }: { state: StepState }) {
  switch (state) {
    case "done":
      return <CircleCheck size={18} />;
    case "failed":
      return <CircleX size={18} />;
    case "current":
      return <Loader size={16} color="amber" />;
    case "skipped":
      return <CircleDashed size={18} />;
    case "todo":
      return <Circle size={18} />;
  }
}
