import {
  ActionIcon,
  Button,
  Card,
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
import { Lock, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { StoredSecret } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { secretsKey, secretsQuery } from "./queries";

/** Variables of the processes in one's workspaces: stored encrypted, never shown again. */
export function Secrets() {
  const query = useQuery(secretsQuery);
  const [adding, setAdding] = useState(false);
  const items = query.data?.items ?? [];
  return (
    <Card component="section" aria-label="Secrets">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Secrets</Text>
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
        Variables in your workspaces of the repositories that you name. They are stored encrypted and never
        shown again.
      </Text>
      {adding && <AddSecret onDone={() => setAdding(false)} />}
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && !adding && (
        <EmptyState
          compact
          icon={<Lock size={30} strokeWidth={1.4} />}
          title="None stored"
          text="Few need one."
        />
      )}
      {items.length > 0 && <SecretTable items={items} />}
    </Card>
  );
}

function SecretTable({ items }: { items: readonly StoredSecret[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: ({ name }: StoredSecret) =>
      answer(api.DELETE("/api/v1/secrets/{name}", { params: { path: { name } } })),
    onSuccess: (_, { name }) => tellDone(`${name} is removed.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: secretsKey }),
  });
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>For</Table.Th>
            <Table.Th visibleFrom="xs">Stored</Table.Th>
            <Table.Th>
              <VisuallyHidden>Remove</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((secret) => (
            <Table.Tr key={secret.name}>
              <Table.Td>{secret.name}</Table.Td>
              <Table.Td>{secret.sources.map((one) => (one === "*" ? "all" : one)).join(", ")}</Table.Td>
              <Table.Td visibleFrom="xs">
                <Moment at={secret.updated_at} />
              </Table.Td>
              <Table.Td ta="right">
                <ActionIcon
                  variant="subtle"
                  color="brick"
                  aria-label={`Remove ${secret.name}`}
                  loading={remove.isPending && remove.variables.name === secret.name}
                  onClick={() => remove.mutate(secret)}
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

function AddSecret({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { name: "", value: "", sources: "" },
    validate: {
      name: (value) => (/^[A-Za-z_]\w*$/.test(value.trim()) ? null : "Letters, digits and underscores."),
      value: (value) => (value ? null : "Paste the value."),
      sources: (value) => (value.trim() ? null : "Name the repositories, or * for all that you open."),
    },
  });
  const add = useMutation({
    mutationFn: ({ name, value, sources }: typeof form.values) =>
      answer(
        api.PUT("/api/v1/secrets/{name}", {
          params: { path: { name: name.trim() } },
          body: { value, sources: sources.split(/[\s,]+/).filter(Boolean) },
        }),
      ),
    onSuccess: async ({ name }) => {
      await client.invalidateQueries({ queryKey: secretsKey });
      tellDone(`${name} is stored; workspaces get it when they start.`);
      onDone();
    },
    onError: (error) => {
      const problem = asProblem(error);
      form.setFieldError("value", [problem.title, problem.detail, problem.hint].filter(Boolean).join(". "));
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))} autoComplete="off">
      <Stack gap="md" pb="lg">
        <TextInput
          label="Name"
          placeholder="API_TOKEN"
          required
          data-autofocus
          spellCheck={false}
          {...form.getInputProps("name")}
        />
        <PasswordInput label="Value" required autoComplete="new-password" {...form.getInputProps("value")} />
        <TextInput
          label="Repositories"
          description="Their code gets it. Addresses, also with *; * alone is every repository that you open."
          placeholder="https://github.com/me/*"
          required
          spellCheck={false}
          {...form.getInputProps("sources")}
        />
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
