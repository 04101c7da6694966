import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Workspace } from "~/api/types";
import { portsQuery } from "~/workspaces/queries";
import { portFrom } from "./ports";

interface PortsFieldProps {
  workspace: Workspace;
  value: string[];
  onChange: (value: string[]) => void;
}

/** The ports that somebody who only looks may open. */
export function PortsField({ workspace, value, onChange }: PortsFieldProps) {
  const running = workspace.phase === "running";
  const ports = useQuery({ ...portsQuery(workspace.id), enabled: running }).data?.items ?? [];
  return (
    <TagsInput
      label="Ports to open"
      description="Besides watching terminals; all others stay closed to them."
      placeholder={value.length === 0 ? "none" : ""}
      data={ports.map(({ port, label }) => `${port}${label ? ` ${label}` : ""}`)}
      splitChars={[",", " "]}
      maxTags={32}
      isDuplicate={(text, chosen) => chosen.some((one) => one.split(" ")[0] === text.split(" ")[0])}
      value={value}
      onChange={(texts) => onChange(texts.filter((text) => portFrom(text.split(" ")[0] ?? "") !== undefined))}
    />
  );
}
