import { Anchor, Button, Card, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Workspace, WorkspaceSecret } from "~/api/types";
import { tellDone, tellProblem } from "~/design/notices";
import { keys, secretsQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";

const GIVEN_BY: Record<string, string> = {
  workspace: "set for this workspace",
  user: "yours",
  project: "the project's",
};

/** What its processes get, and what its repository would like to have; a value is never shown. */
export function SecretList({ workspace }: { workspace: Workspace }) {
  const query = useQuery(secretsQuery(workspace.id));
  const secrets = query.data?.items ?? [];
  if (secrets.length === 0) return null;
  return (
    <Card component="section" aria-label="Secrets">
      <Text fw={600} mb="md">
        Secrets
      </Text>
      <Stack gap="md">
        {secrets.map((secret) => (
          <Secret key={secret.name} workspace={workspace} secret={secret} />
        ))}
      </Stack>
    </Card>
  );
}

function Secret({ workspace, secret }: { workspace: Workspace; secret: WorkspaceSecret }) {
  const client = useQueryClient();
  const [value, setValue] = useState<string>();
  const store = useMutation({
    mutationFn: (text: string) =>
      answer(
        api.PUT("/api/v1/workspaces/{workspace}/secrets/{name}", {
          params: { path: { workspace: workspace.id, name: secret.name } },
          body: { value: text },
        }),
      ),
    onSuccess: async () => {
      setValue(undefined);
      await client.invalidateQueries({ queryKey: keys.secrets(workspace.id) });
      tellDone(`${secret.name} is stored; a restart brings it into the workspace.`);
    },
    onError: tellProblem,
  });
  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (value) store.mutate(value);
  }
  return (
    <div>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">
          {secret.name}: {GIVEN_BY[secret.given_by] ?? "not set"}
        </Text>
        {value === undefined && may(workspace, "change") && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Set ${secret.name}`}
            onClick={() => setValue("")}
          >
            Set
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {secret.description}{" "}
        {/^https?:\/\//.test(secret.documentation_url) && (
          <Anchor href={secret.documentation_url} target="_blank" rel="noopener noreferrer" size="xs">
            How to get it
          </Anchor>
        )}
      </Text>
      {value !== undefined && (
        <form onSubmit={submit} autoComplete="off">
          <Group mt="xs" align="end">
            <PasswordInput
              flex={1}
              label={`Value of ${secret.name}`}
              autoComplete="new-password"
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
            <Button variant="default" onClick={() => setValue(undefined)}>
              Cancel
            </Button>
            <Button type="submit" loading={store.isPending} disabled={value === ""}>
              Store
            </Button>
          </Group>
        </form>
      )}
    </div>
  );
}
