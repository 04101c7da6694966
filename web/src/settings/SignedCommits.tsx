import { Button, Card, Group, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Preferences } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { CopyLine } from "~/design/CopyLine";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { preferencesKey, preferencesQuery, signingKeyKey, signingKeyQuery } from "./queries";

/** Whether commits are signed, and the public half of the key that does it. */
export function SignedCommits() {
  const preferences = useQuery(preferencesQuery);
  const key = useQuery(signingKeyQuery);
  return (
    <Card component="section" aria-label="Signed commits">
      <Text fw={600} mb={4}>
        Signed commits
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        With a key that the server keeps: a workspace can ask for signatures of git, and never sees it.
      </Text>
      <Stack gap="md">
        {(preferences.isPending || key.isPending) && <Skeleton h={40} />}
        {preferences.isError && (
          <QueryProblem error={preferences.error} retry={() => void preferences.refetch()} />
        )}
        {preferences.data && <SignSwitch preferences={preferences.data} />}
        {key.isError && <QueryProblem error={key.error} retry={() => void key.refetch()} />}
        {key.data?.public_key && <PublicKey line={key.data.public_key} />}
      </Stack>
    </Card>
  );
}

function SignSwitch({ preferences }: { preferences: Preferences }) {
  const client = useQueryClient();
  const store = useMutation({
    mutationFn: (sign_commits: boolean) =>
      answer(api.PUT("/api/v1/preferences", { body: { ...preferences, sign_commits } })),
    onSuccess: (stored) => {
      client.setQueryData(preferencesKey, stored);
      tellDone(
        stored.sign_commits
          ? "Commits and tags are signed, from the next start of a workspace on."
          : "Commits are not signed, from the next start of a workspace on.",
      );
      // The first time a key is made for it.
      return client.invalidateQueries({ queryKey: signingKeyKey });
    },
    onError: tellProblem,
  });
  return (
    <Switch
      label="Sign commits and tags"
      description="That are made in your workspaces, from their next start on."
      checked={store.isPending ? store.variables : preferences.sign_commits}
      onChange={(event) => store.mutate(event.currentTarget.checked)}
    />
  );
}

function PublicKey({ line }: { line: string }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const renew = useMutation({
    mutationFn: () => answer(api.PUT("/api/v1/signing-key", { body: { anew: true } })),
    onSuccess: (made) => {
      client.setQueryData(signingKeyKey, made);
      tellDone("This is another key; the one before signs no more.");
    },
    onError: tellProblem,
  });
  return (
    <div>
      <Text size="sm" mb={4}>
        The public half, for your account at the git host, as a <em>signing</em> key:
      </Text>
      <CopyLine text={line} what="the signing key" />
      <Group justify="flex-end" mt="sm">
        <Button size="xs" variant="default" loading={renew.isPending} onClick={() => setAsking(true)}>
          Make another key…
        </Button>
      </Group>
      <ConfirmDialog
        opened={asking}
        title="Make another signing key?"
        keepLabel="Keep this one"
        doLabel="Make another"
        onClose={() => setAsking(false)}
        onConfirm={() => renew.mutate()}
      >
        This one signs no more, and the other one has to be added to your account at the git host. Commits
        that were signed keep their signature.
      </ConfirmDialog>
    </div>
  );
}
