import { Stack } from "@mantine/core";
import { Identities } from "./Identities";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { Sessions } from "./Sessions";

/** Who one is, and how and where one signs in. */
export function AccountTab() {
  return (
    <Stack gap="lg">
      <Profile />
      <Password />
      <Identities />
      <Sessions />
    </Stack>
  );
}
