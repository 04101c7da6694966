import { TriangleAlert } from "lucide-react";
import type { Workspace } from "~/api/types";
import { PHASES } from "~/workspaces/phase";
import classes from "./PhaseBadge.module.css";

interface PhaseBadgeProps {
  workspace: Pick<Workspace, "phase" | "degraded" | "archived">;
}

/** The phase as colour and word, with the mark of a degraded workspace. */
export function PhaseBadge({ workspace: { phase, degraded, archived } }: PhaseBadgeProps) {
  const { label, tone, meaning } = PHASES[phase];
  return (
    <>
      <span className={classes.badge} data-tone={tone} data-phase={phase} title={meaning}>
        <span className={classes.dot} aria-hidden="true" />
        {archived ? `${label}, archived` : label}
      </span>
      {degraded !== "" && (
        <span className={classes.degraded} title={degraded}>
          <TriangleAlert size={14} aria-hidden="true" />
          Degraded
        </span>
      )}
    </>
  );
}
