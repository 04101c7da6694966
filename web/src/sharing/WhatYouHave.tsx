import { Button, Card, Group, Modal, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import type { Workspace } from "~/api/types";
import { tellDone, tellProblem } from "~/design/notices";
import { useDetail } from "~/detail/context";
import { sessionQuery } from "~/session/queries";
import { keys } from "~/workspaces/queries";
import { LEVELS, may } from "~/workspaces/rights";
import { ownShare } from "./ownShare";

/** For somebody to whom it was given: what that is, and a way to give it back. */
export function WhatYouHave({ workspace }: { workspace: Workspace }) {
  const { events } = useDetail();
  const user = useQuery(sessionQuery).data?.user ?? "";
  const level = workspace.shared ?? (may(workspace, "use") ? "edit" : "view");
  const share = ownShare(events, user);
  const [asking, setAsking] = useState(false);
  return (
    <Card component="section" aria-label="What you may do">
      <Group justify="space-between" mb={4}>
        <Text fw={600}>What you may do</Text>
        {share !== undefined && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Give it back…
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {workspace.owner} gave you “{LEVELS[level].label}”.{" "}
        {level === "edit"
          ? "You are its user here: terminals, SSH, every app, port and file. Stopping, rebuilding, changing and sharing it stay with its owner."
          : "You may watch its terminals without typing, and open the ports that were named for you."}
      </Text>
      {share !== undefined && (
        <GiveBackDialog
          workspace={workspace}
          share={share}
          opened={asking}
          onClose={() => setAsking(false)}
        />
      )}
    </Card>
  );
}

interface GiveBackDialogProps {
  workspace: Workspace;
  share: string;
  opened: boolean;
  onClose: () => void;
}

function GiveBackDialog({ workspace, share, opened, onClose }: GiveBackDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const give = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/api/v1/workspaces/{workspace}/shares/{share}", {
          params: { path: { workspace: workspace.id, share } },
        }),
      ),
    onSuccess: async () => {
      await navigate("/");
      void client.invalidateQueries({ queryKey: keys.lists });
      tellDone(`${workspace.name} is no longer shared with you.`);
    },
    onError: tellProblem,
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Give ${workspace.name} back?`}>
      <Text size="sm">It leaves your list. Only {workspace.owner} can share it with you again.</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button color="brick" loading={give.isPending} onClick={() => give.mutate()}>
          Give it back
        </Button>
      </Group>
    </Modal>
  );
}
