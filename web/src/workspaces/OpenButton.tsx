import { Button, type ButtonProps } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Workspace } from "~/api/types";
import { mainApp } from "./apps";
import { may } from "./rights";

interface OpenButtonProps extends ButtonProps {
  workspace: Workspace;
}

/** Opens the workspace's main app in a tab of its own. */
export function OpenButton({ workspace, ...button }: OpenButtonProps) {
  const app = mainApp(workspace);
  if (!app || !may(workspace, "use")) return null;
  const title = app.title || app.name;
  return (
    <Button
      component="a"
      href={app.url}
      target="_blank"
      rel="noopener"
      rightSection={<ExternalLink size={15} aria-hidden="true" />}
      aria-label={`Open ${title} of ${workspace.name} in a new tab`}
      {...button}
    >
      Open {title}
    </Button>
  );
}
