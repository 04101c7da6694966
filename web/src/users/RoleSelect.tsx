import { Select } from "@mantine/core";
import type { Role, User } from "~/api/types";
import { rolesFor } from "./queries";
import type { useUserChange } from "./useUserChange";

interface RoleSelectProps {
  user: User;
  /** The role of whoever gives one. */
  own: Role | undefined;
  disabled: boolean;
  change: ReturnType<typeof useUserChange>;
}

/** What somebody is in the installation; another choice applies at once. */
export function RoleSelect({ user, own, disabled, change }: RoleSelectProps) {
  return (
    <Select
      size="xs"
      w={140}
      aria-label={`Role of ${user.name}`}
      allowDeselect={false}
      disabled={disabled || user.disabled || change.isPending}
      data={rolesFor(own, user.role)}
      value={user.role}
      onChange={(role) => {
        if (role && role !== user.role) change.mutate({ role });
      }}
    />
  );
}
