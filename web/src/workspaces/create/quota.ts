/** What of the limits a person is told before the form is sent. */
import type { ProblemDocument, Quota } from "~/api/types";
import { formatBytes } from "~/design/size";

/** Why nothing can be made and started, whatever is chosen; undefined: something can. */
export function whyNothing(quota: Quota | undefined): ProblemDocument | undefined {
  return quota?.create_problem ?? quota?.start_problem ?? undefined;
}

export interface Size {
  cpus: number;
  memory_bytes: number;
}

/** Why a size would be refused now; undefined: it would not. */
export function whyNotSize(quota: Quota | undefined, size: Size): string | undefined {
  if (quota === undefined) return undefined;
  const { workspace, most } = quota;
  if (over(size.cpus, workspace.cpus) || over(size.memory_bytes, workspace.memory_bytes)) {
    return `One workspace may have ${words(workspace)} at most.`;
  }
  if (over(size.cpus, most.cpus) || over(size.memory_bytes, most.memory_bytes)) {
    return `${words(most)} are left for you now. Stop a workspace, or choose less.`;
  }
  return undefined;
}

/** Whether no workspace can ever have this size here, however much is free. */
export function neverFits(quota: Quota | undefined, size: Size): boolean {
  return (
    quota !== undefined &&
    (over(size.cpus, quota.workspace.cpus) || over(size.memory_bytes, quota.workspace.memory_bytes))
  );
}

/** What is left, in words; empty where nothing is limited. */
export function whatIsLeft(quota: Quota): string {
  const { running_left: running, workspaces_left: workspaces, most } = quota;
  const parts = [
    running !== null && `${running} more may run`,
    workspaces !== null && `${workspaces} more may be made`,
    (most.cpus !== null || most.memory_bytes !== null) && `${words(most)} for the next one at most`,
  ];
  return parts.filter(Boolean).join(", ");
}

function words({ cpus, memory_bytes }: { cpus: number | null; memory_bytes: number | null }): string {
  const parts = [
    cpus !== null && `${Number(cpus.toFixed(2))} ${cpus === 1 ? "CPU" : "CPUs"}`,
    memory_bytes !== null && `${formatBytes(memory_bytes)} of memory`,
  ];
  return parts.filter(Boolean).join(" and ");
}

function over(asked: number, most: number | null): boolean {
  return most !== null && asked > most;
}
