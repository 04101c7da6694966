import { PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { StoredSecret } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { ListCard } from "~/design/ListCard";
import { RemovalTable } from "~/design/RemovalTable";
import { FormButtons } from "~/design/FormButtons";
import { secretsKey, secretsQuery } from "./queries";

/** Variables of the processes in one's workspaces: stored encrypted, never shown again. */
export function Secrets() {
  return (
    <ListCard
      title="Secrets"
      about="Variables in your workspaces of the repositories that you name. They are stored encrypted and never shown again."
      addLabel="Add"
      query={useQuery(secretsQuery)}
      form={(onDone) => <AddSecret onDone={onDone} />}
      empty={
        <EmptyState
          compact
          icon={<Lock size={30} strokeWidth={1.4} />}
          title="None stored"
          text="Few need one."
        />
      }
    >
      {(items) => <SecretTable items={items} />}
    </ListCard>
  );
}

function SecretTable({ items }: { items: readonly StoredSecret[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (name: string) =>
      answer(api.DELETE("/api/v1/secrets/{name}", { params: { path: { name } } })),
    onSuccess: (_, name) => tellDone(`${name} is removed.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: secretsKey }),
  });
  const rows = items.map(({ name, sources, updated_at }) => ({
    id: name,
    removeLabel: `Remove ${name}`,
    cells: [
      name,
      sources.map((one) => (one === "*" ? "all" : one)).join(", "),
      <Moment key="stored" at={updated_at} />,
    ],
  }));
  return (
    <RemovalTable
      columns={["Name", "For", "Stored"]}
      removing="Remove"
      rows={rows}
      busyId={remove.isPending ? remove.variables : undefined}
      onRemove={remove.mutate}
    />
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
        <FormButtons label="Store" onCancel={onDone} loading={add.isPending} />
      </Stack>
    </form>
  );
}
