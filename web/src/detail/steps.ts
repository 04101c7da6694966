/** The steps of the start that is under way, or was last, out of events: what is done, what takes how long. */
import type { Phase, WorkspaceEvent } from "~/api/types";

export type StepState = "todo" | "current" | "done" | "skipped" | "failed";

export interface Step {
  phase: Phase;
  label: string;
  state: StepState;
  began?: Date;
  ended?: Date;
  /** What a person should know of it: a failed try, the commit, the image. */
  note?: string;
}

export interface Start {
  steps: Step[];
  began?: Date;
  ended?: Date;
}

const LADDER: readonly { phase: Phase; label: string }[] = [
  { phase: "pending", label: "Prepare" },
  { phase: "cloning", label: "Fetch the source" },
  { phase: "building", label: "Build the environment" },
  { phase: "starting", label: "Start" },
  { phase: "running", label: "Ready" },
];

const rank = (phase: Phase) => LADDER.findIndex((step) => step.phase === phase);

interface Visit {
  phase: Phase;
  at: Date;
}

/** The phases of the last start, in order, from phase events. */
function lastStart(events: readonly WorkspaceEvent[]): { visits: Visit[]; from: number } {
  let visits: Visit[] = [];
  let from = 0;
  for (const event of events) {
    const at = new Date(event.at);
    if (event.kind === "created") {
      visits = [{ phase: "pending", at }];
      from = event.number;
    } else if (event.kind === "phase_changed") {
      const phase = event.data.phase as Phase;
      const last = visits.at(-1);
      const climbing = last !== undefined && rank(last.phase) >= 0 && last.phase !== "running";
      if (rank(phase) >= 0 && phase !== "running" && !climbing) {
        visits = [];
        from = event.number;
      }
      visits.push({ phase, at });
    }
  }
  return { visits, from };
}

/** The start's steps for a workspace in `phase`. */
export function startSteps(phase: Phase, events: readonly WorkspaceEvent[]): Start {
  const { visits, from } = lastStart(events);
  const climb = visits.filter((visit) => rank(visit.phase) >= 0);
  const reached = rank(phase) >= 0 ? rank(phase) : Math.max(-1, ...climb.map((visit) => rank(visit.phase)));
  const steps = LADDER.map(({ phase: own, label }, index): Step => {
    const visit = climb.findLast((candidate) => candidate.phase === own);
    const next = visit && visits[visits.indexOf(visit) + 1];
    const step: Step = { phase: own, label, state: stateOf(index, reached, phase, visit !== undefined) };
    if (visit) step.began = visit.at;
    if (next) step.ended = next.at;
    const note = noteOf(own, events, from);
    if (note) step.note = note;
    return step;
  });
  const start: Start = { steps };
  const first = climb[0];
  const ready =
    climb.find((visit) => visit.phase === "running") ?? visits.find((visit) => visit.phase === "failed");
  if (first) start.began = first.at;
  if (ready) start.ended = ready.at;
  return start;
}

function stateOf(index: number, reached: number, phase: Phase, visited: boolean): StepState {
  if (index > reached) return "todo";
  if (index === reached) {
    if (phase === "running") return "done";
    if (phase === "failed") return "failed";
    return rank(phase) >= 0 ? "current" : "todo";
  }
  return visited ? "done" : "skipped";
}

function noteOf(phase: Phase, events: readonly WorkspaceEvent[], from: number): string | undefined {
  const own = events.filter((event) => event.number >= from);
  const text = (kind: string, key: string) => {
    const value = own.findLast((event) => event.kind === kind)?.data[key];
    return typeof value === "string" ? value : "";
  };
  if (phase === "cloning") {
    const commit = text("source_fetched", "commit").slice(0, 8);
    return [text("source_fetched", "branch"), commit].filter(Boolean).join(" · ") || undefined;
  }
  if (phase === "building") {
    const ready = own.findLast((event) => event.kind === "image_ready");
    if (ready) return ready.data.built === false ? "nothing had to be built" : undefined;
  }
  return undefined;
}
