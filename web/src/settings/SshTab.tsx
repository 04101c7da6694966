import { Stack } from "@mantine/core";
import { SshAccess } from "./SshAccess";
import { SshKeys } from "./SshKeys";

/** Coming by SSH. */
export function SshTab() {
  return (
    <Stack gap="lg">
      <SshKeys />
      <SshAccess />
    </Stack>
  );
}
