import { Button, Group, Modal, Text } from "@mantine/core";
import { useNavigate } from "react-router";
import type { Workspace } from "~/api/types";
import { tellDone } from "~/design/notices";
import { useCommand } from "./commands";

interface DeleteDialogProps {
  workspace: Workspace;
  opened: boolean;
  onClose: () => void;
}

/** Asks before a workspace goes to the trash, from where it can come back. */
export function DeleteDialog({ workspace, opened, onClose }: DeleteDialogProps) {
  const command = useCommand(workspace.id);
  const navigate = useNavigate();

  function remove() {
    command.mutate(
      { command: "delete" },
      {
        onSuccess: () => {
          onClose();
          tellDone(`${workspace.name} goes to the trash.`);
          void navigate("/");
        },
      },
    );
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${workspace.name}?`}>
      <Text size="sm">
        It is stopped and its containers are removed. Its files go to the trash, from where you can take it
        back until they are purged.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button color="brick" loading={command.isPending} onClick={remove}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
