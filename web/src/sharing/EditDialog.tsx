import { Button, Group, List, Modal, Text } from "@mantine/core";
import type { Workspace } from "~/api/types";

interface EditDialogProps {
  workspace: Workspace;
  /** To whom it would be given: a user's name, or "whoever has the link". */
  receiver: string;
  opened: boolean;
  onClose: () => void;
  onGive: () => void;
}

/** Says what an edit grant gives away, and asks. */
export function EditDialog({ workspace, receiver, opened, onClose, onGive }: EditDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Give ${receiver} the full power of ${workspace.name}?`}>
      <Text size="sm" mb="xs">
        Who may edit is the workspace's user, as you are. That includes:
      </Text>
      <List size="sm" spacing={4} mb="md">
        <List.Item>every file in its project and home folders, to read, change and delete</List.Item>
        <List.Item>the secrets in its environment</List.Item>
        <List.Item>
          the credentials that are used in it: git, registries, clouds, a forwarded SSH agent
        </List.Item>
        <List.Item>its terminals, also what you type there; its apps and all its ports</List.Item>
      </List>
      <Text size="sm">
        What was read or copied stays so when you take the share away. Whoever should only look needs “View”.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Do not
        </Button>
        <Button color="brick" onClick={onGive}>
          Give full power
        </Button>
      </Group>
    </Modal>
  );
}
