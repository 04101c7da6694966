/** Which workspaces the list shows. */
import type { Workspace } from "~/api/types";
import { isStarting, needsAttention } from "../phase";
import { sourceLabel } from "../source";

export const FILTERS = [
  { value: "all", label: "All" },
  { value: "running", label: "Running" },
  { value: "stopped", label: "Stopped" },
  { value: "attention", label: "Attention" },
  { value: "shared", label: "Shared" },
] as const;

export type Filter = (typeof FILTERS)[number]["value"];

export function matches(workspace: Workspace, filter: Filter, text: string): boolean {
  return inFilter(workspace, filter) && hasText(workspace, text);
}

function inFilter(workspace: Workspace, filter: Filter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "running":
      return workspace.phase === "running" || isStarting(workspace);
    case "stopped":
      return workspace.phase === "stopped" || workspace.phase === "stopping";
    case "attention":
      return needsAttention(workspace);
    case "shared":
      return workspace.shared !== null;
  }
}

function hasText(workspace: Workspace, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const address = workspace.source.kind === "git" ? workspace.source.url : "";
  const haystack = [
    workspace.name,
    workspace.owner,
    sourceLabel(workspace.source),
    address,
    workspace.branch,
  ];
  return haystack.some((value) => value.toLowerCase().includes(wanted));
}
