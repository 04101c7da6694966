import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  /** What happens. */
  children: ReactNode;
  /** What the button is called that changes nothing. */
  keepLabel: string;
  doLabel: string;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks once before something that hurts. */
export function ConfirmDialog({
  opened,
  title,
  children,
  keepLabel,
  doLabel,
  onClose,
  onConfirm,
}: ConfirmDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Text size="sm">{children}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {keepLabel}
        </Button>
        <Button
          color="brick"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {doLabel}
        </Button>
      </Group>
    </Modal>
  );
}
