import type { User } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import type { useUserChange } from "./useUserChange";

interface DisableDialogProps {
  /** Undefined: nothing is asked. */
  user: User | undefined;
  change: ReturnType<typeof useUserChange>;
  onClose: () => void;
}

/** Asks before somebody loses all that they have open. */
export function DisableDialog({ user, change, onClose }: DisableDialogProps) {
  return (
    <ConfirmDialog
      opened={user !== undefined}
      title={`Disable ${user?.name ?? ""}?`}
      keepLabel="Leave it"
      doLabel="Disable"
      onClose={onClose}
      onConfirm={() => change.mutate({ disabled: true })}
    >
      They are signed out everywhere, and lose tokens, shares and guest links within seconds. Their workspaces
      and files stay.
    </ConfirmDialog>
  );
}
