/** How each phase is shown, and what may be asked for in it. */
import type { Phase, Workspace } from "~/api/types";

export type Tone = "go" | "busy" | "rest" | "bad" | "gone";

interface PhaseLook {
  label: string;
  tone: Tone;
  /** One sentence for people. */
  meaning: string;
}

export const PHASES: Record<Phase, PhaseLook> = {
  pending: { label: "Waiting", tone: "busy", meaning: "Accepted; nothing has begun yet." },
  cloning: { label: "Cloning", tone: "busy", meaning: "The source is being fetched." },
  building: {
    label: "Building",
    tone: "busy",
    meaning: "The environment is being resolved, and its image built or pulled.",
  },
  starting: { label: "Starting", tone: "busy", meaning: "Containers are being started and hooks run." },
  running: { label: "Running", tone: "go", meaning: "Ready to work in." },
  stopping: { label: "Stopping", tone: "rest", meaning: "Processes are asked to end; files stay." },
  stopped: { label: "Stopped", tone: "rest", meaning: "Nothing runs; all files are kept." },
  deleting: { label: "Deleting", tone: "gone", meaning: "Containers and networks are being removed." },
  deleted: { label: "In the trash", tone: "gone", meaning: "Kept until its date, then gone." },
  failed: {
    label: "Failed",
    tone: "bad",
    meaning: "The last step failed; the problem says why and what to do.",
  },
};

/** Mantine colour of a tone. */
export const TONE_COLOR: Record<Tone, string> = {
  go: "lamp",
  busy: "amber",
  rest: "gray",
  bad: "brick",
  gone: "gray",
};

const ON_THE_WAY: readonly Phase[] = ["pending", "cloning", "building", "starting"];

/** A start is under way. */
export function isStarting(workspace: Pick<Workspace, "phase">): boolean {
  return ON_THE_WAY.includes(workspace.phase);
}

/** Something is under way that will end by itself. */
export function isBusy(workspace: Pick<Workspace, "phase">): boolean {
  return isStarting(workspace) || workspace.phase === "stopping" || workspace.phase === "deleting";
}

export function needsAttention(workspace: Pick<Workspace, "phase" | "degraded">): boolean {
  return workspace.phase === "failed" || workspace.degraded !== "";
}

export type Command = "start" | "stop" | "restart" | "rebuild" | "undelete";

/** Stop and delete are legal in every phase; the pages offer what has an effect. */
export function commandsFor(workspace: Pick<Workspace, "phase" | "goal">): Command[] {
  const { phase, goal } = workspace;
  if (phase === "deleted") return ["undelete"];
  if (goal === "delete") return [];
  if (phase === "stopped" || phase === "stopping") return ["start", "rebuild"];
  if (phase === "failed") return ["start", "rebuild", "stop"];
  if (isStarting(workspace)) return ["stop"];
  return ["stop", "restart", "rebuild"];
}
