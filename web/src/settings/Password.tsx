import { Button, Card, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { SHORTEST } from "~/session/InvitePage";
import { waysQuery } from "~/session/queries";
import { meKey, meQuery, sessionsKey } from "./queries";

/** The password of the signed-in person, where this server takes any. */
export function Password() {
  const me = useQuery(meQuery).data;
  const ways = useQuery(waysQuery).data;
  const [changing, setChanging] = useState(false);
  if (!ways?.password || me?.kind !== "person") return null;
  return (
    <Card component="section" aria-label="Password">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Password</Text>
        {!changing && (
          <Button size="xs" flex="none" variant="default" onClick={() => setChanging(true)}>
            {me.has_password ? "Change it" : "Choose one"}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb={changing ? "md" : 0}>
        {me.has_password
          ? "When it is changed, your other browsers are signed out."
          : "You have none; you sign in by login links, tokens or an identity provider."}
      </Text>
      {changing && <ChangePassword hasOne={me.has_password ?? false} onDone={() => setChanging(false)} />}
    </Card>
  );
}

function ChangePassword({ hasOne, onDone }: { hasOne: boolean; onDone: () => void }) {
  const client = useQueryClient();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    mutationFn: () => answer(api.PUT("/api/v1/me/password", { body: { old, new: fresh } })),
    onSuccess: async () => {
      tellDone("Your password is changed.");
      await client.invalidateQueries({ queryKey: meKey });
      await client.invalidateQueries({ queryKey: sessionsKey });
      onDone();
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    change.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {hasOne && (
          <PasswordInput
            label="Password now"
            autoComplete="current-password"
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New password"
          description={`At least ${SHORTEST} characters, whatever they are; several words are easy to keep.`}
          autoComplete="new-password"
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        {change.isError && <QueryProblem error={change.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={change.isPending}
            disabled={fresh.length < SHORTEST || (hasOne && old === "")}
          >
            Change the password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
