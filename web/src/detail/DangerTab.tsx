import { Button, Card, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useNavigate } from "react-router";
import type { Workspace } from "~/api/types";
import { tellDone } from "~/design/notices";
import { useCommand } from "~/workspaces/commands";
import { DeleteDialog } from "~/workspaces/DeleteDialog";
import { useDetail } from "./context";

/** What cannot be taken back, or only for a while. */
export function DangerTab() {
  const { workspace } = useDetail();
  const [asking, setAsking] = useState<"delete" | "purge">();
  const inTrash = workspace.goal === "delete";
  return (
    <Card>
      <Stack gap="xl">
        {!inTrash && (
          <Choice
            title="Delete"
            text="Stops it and moves its files to the trash. You can take it back until they are purged."
            action={
              <Button variant="light" color="brick" onClick={() => setAsking("delete")}>
                Delete…
              </Button>
            }
          />
        )}
        <Choice
          title="Delete for good"
          text="Removes it with all its files at once. Nothing is left, and nobody can bring it back."
          action={
            <Button color="brick" onClick={() => setAsking("purge")}>
              Delete for good…
            </Button>
          }
        />
      </Stack>
      <DeleteDialog workspace={workspace} opened={asking === "delete"} onClose={() => setAsking(undefined)} />
      <PurgeDialog workspace={workspace} opened={asking === "purge"} onClose={() => setAsking(undefined)} />
    </Card>
  );
}

function Choice({ title, text, action }: { title: string; text: string; action: ReactNode }) {
  return (
    <Group justify="space-between" gap="md">
      <div style={{ flex: "1 1 16rem" }}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </div>
      {action}
    </Group>
  );
}

interface PurgeDialogProps {
  workspace: Workspace;
  opened: boolean;
  onClose: () => void;
}

/** Asks for the name before everything is removed for good. */
export function PurgeDialog({ workspace, opened, onClose }: PurgeDialogProps) {
  const command = useCommand(workspace.id);
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");

  function close() {
    setTyped("");
    onClose();
  }

  function purge(event: SyntheticEvent) {
    event.preventDefault();
    if (typed !== workspace.name) return;
    command.mutate(
      { command: "delete", purge: true },
      {
        onSuccess: () => {
          close();
          tellDone(`${workspace.name} is removed for good.`);
          void navigate("/");
        },
      },
    );
  }

  return (
    <Modal opened={opened} onClose={close} title={`Delete ${workspace.name} for good?`}>
      <form onSubmit={purge}>
        <Text size="sm" mb="md">
          All files in its project and home folders are lost, also what was never committed or pushed.
        </Text>
        <TextInput
          label={`Type “${workspace.name}” to confirm`}
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button type="submit" color="brick" disabled={typed !== workspace.name} loading={command.isPending}>
            Delete for good
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
