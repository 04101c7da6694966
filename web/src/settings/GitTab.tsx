import { Stack } from "@mantine/core";
import { GitCredentials } from "./GitCredentials";
import { GitLogins } from "./GitLogins";
import { SignedCommits } from "./SignedCommits";

/** What git in one's workspaces goes by. */
export function GitTab() {
  return (
    <Stack gap="lg">
      <GitLogins />
      <GitCredentials />
      <SignedCommits />
    </Stack>
  );
}
