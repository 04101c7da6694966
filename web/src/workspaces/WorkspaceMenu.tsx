import { ActionIcon, Menu } from "@mantine/core";
import {
  Ellipsis,
  Hammer,
  Play,
  RotateCw,
  ScrollText,
  Square,
  SquareTerminal,
  Trash2,
  Users,
} from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { useCommand } from "./commands";
import { DeleteDialog } from "./DeleteDialog";
import { commandsFor, type Command } from "./phase";
import { may } from "./rights";

const ITEMS: readonly [Exclude<Command, "undelete">, string, typeof Play][] = [
  ["start", "Start", Play],
  ["stop", "Stop", Square],
  ["restart", "Restart", RotateCw],
  ["rebuild", "Rebuild", Hammer],
];

interface WorkspaceMenuProps {
  workspace: Workspace;
  /** Leave out what the page shows beside the menu. */
  without?: readonly Command[];
}

/** Everything that can be asked of a workspace. */
export function WorkspaceMenu({ workspace, without = [] }: WorkspaceMenuProps) {
  const command = useCommand(workspace.id);
  const [deleting, setDeleting] = useState(false);
  const offered = commandsFor(workspace).filter(
    (own) => !without.includes(own) && may(workspace, own === "start" ? "start" : "operate"),
  );
  const page = `/workspaces/${workspace.id}`;
  return (
    <>
      <Menu position="bottom-end" width={220} shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More about ${workspace.name}`}>
            <Ellipsis size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ITEMS.filter(([own]) => offered.includes(own)).map(([own, label, Icon]) => (
            <Menu.Item
              key={own}
              leftSection={<Icon size={16} />}
              onClick={() => command.mutate({ command: own })}
            >
              {label}
            </Menu.Item>
          ))}
          {offered.includes("rebuild") && (
            <Menu.Item
              leftSection={<Hammer size={16} />}
              onClick={() => command.mutate({ command: "rebuild", noCache: true })}
            >
              Rebuild without cache
            </Menu.Item>
          )}
          {offered.length > 0 && <Menu.Divider />}
          {may(workspace, "read") && (
            <Menu.Item component={Link} to={`${page}/log`} leftSection={<ScrollText size={16} />}>
              Log
            </Menu.Item>
          )}
          {may(workspace, "watch") && (
            <Menu.Item component={Link} to={`${page}/terminal`} leftSection={<SquareTerminal size={16} />}>
              Terminal
            </Menu.Item>
          )}
          {may(workspace, "share") && (
            <Menu.Item component={Link} to={`${page}/sharing`} leftSection={<Users size={16} />}>
              Share…
            </Menu.Item>
          )}
          {may(workspace, "delete") && (
            <>
              <Menu.Divider />
              <Menu.Item
                c="var(--mantine-color-error)"
                leftSection={<Trash2 size={16} />}
                onClick={() => setDeleting(true)}
              >
                Delete…
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <DeleteDialog workspace={workspace} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}
