import {
  ActionIcon,
  Button,
  Card,
  Grid,
  Group,
  PasswordInput,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { GitCredential } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { credentialsKey, credentialsQuery, hostOf } from "./queries";

/** Tokens for private repositories: stored encrypted, used to fetch sources, never shown again. */
export function GitCredentials() {
  const query = useQuery(credentialsQuery);
  const [adding, setAdding] = useState(false);
  const items = query.data?.items ?? [];
  return (
    <Card component="section" aria-label="Git credentials">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Git credentials</Text>
        {!adding && (
          <Button
            size="xs"
            flex="none"
            variant="default"
            leftSection={<Plus size={14} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            Add
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        Tokens with which private repositories are fetched. They are stored encrypted and never shown again.
      </Text>
      {adding && <AddCredential onDone={() => setAdding(false)} />}
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && !adding && (
        <EmptyState
          compact
          icon={<KeyRound size={30} strokeWidth={1.4} />}
          title="None stored"
          text="Public repositories need none."
        />
      )}
      {items.length > 0 && <CredentialTable items={items} />}
    </Card>
  );
}

function CredentialTable({ items }: { items: readonly GitCredential[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (credential: GitCredential) =>
      answer(api.DELETE("/api/v1/git-credentials/{host}", { params: { path: { host: credential.host } } })),
    onSuccess: (_, credential) => tellDone(`The credential for ${credential.host} is removed.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: credentialsKey }),
  });
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Host</Table.Th>
            <Table.Th>User name</Table.Th>
            <Table.Th visibleFrom="xs">Stored</Table.Th>
            <Table.Th>
              <VisuallyHidden>Remove</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((credential) => (
            <Table.Tr key={credential.host}>
              <Table.Td>{credential.host}</Table.Td>
              <Table.Td>{credential.username}</Table.Td>
              <Table.Td visibleFrom="xs">
                <Moment at={credential.updated_at} />
              </Table.Td>
              <Table.Td ta="right">
                <ActionIcon
                  variant="subtle"
                  color="brick"
                  aria-label={`Remove the credential for ${credential.host}`}
                  loading={remove.isPending && remove.variables.host === credential.host}
                  onClick={() => remove.mutate(credential)}
                >
                  <Trash2 size={16} />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function AddCredential({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { host: "", username: "", token: "" },
    validate: {
      host: (value) => (hostOf(value) ? null : "Give a host, such as github.com."),
      token: (value) => (value.trim() ? null : "Paste the token."),
    },
  });
  const add = useMutation({
    mutationFn: ({ host, username, token }: typeof form.values) =>
      answer(
        api.PUT("/api/v1/git-credentials/{host}", {
          params: { path: { host: hostOf(host) } },
          body: { username: username.trim(), token: token.trim() },
        }),
      ),
    onSuccess: async ({ host }) => {
      await client.invalidateQueries({ queryKey: credentialsKey });
      tellDone(`The credential for ${host} is stored.`);
      onDone();
    },
    onError: (error) => {
      const problem = asProblem(error);
      form.setFieldError("token", [problem.title, problem.detail, problem.hint].filter(Boolean).join(". "));
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))} autoComplete="off">
      <Stack gap="md" pb="lg">
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput
              label="Host"
              placeholder="github.com"
              required
              data-autofocus
              spellCheck={false}
              {...form.getInputProps("host")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput
              label="User name"
              placeholder="where the host wants one"
              spellCheck={false}
              {...form.getInputProps("username")}
            />
          </Grid.Col>
          <Grid.Col span={12}>
            <PasswordInput
              label="Token"
              description="With the right to read the repositories."
              required
              autoComplete="new-password"
              {...form.getInputProps("token")}
            />
          </Grid.Col>
        </Grid>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Store
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
