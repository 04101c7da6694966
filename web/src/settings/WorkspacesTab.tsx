import { Stack } from "@mantine/core";
import { Dotfiles } from "./Dotfiles";
import { Secrets } from "./Secrets";
import { UsualPlace } from "./UsualPlace";

/** What each of one's workspaces gets. */
export function WorkspacesTab() {
  return (
    <Stack gap="lg">
      <UsualPlace />
      <Secrets />
      <Dotfiles />
    </Stack>
  );
}
