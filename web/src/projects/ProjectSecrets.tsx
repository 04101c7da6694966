import { Grid, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useState } from "react";
import type { Project } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { EmptyState } from "~/design/EmptyState";
import { ListCard } from "~/design/ListCard";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { RemovalTable } from "~/design/RemovalTable";
import { FormButtons } from "~/design/FormButtons";
import { sessionQuery } from "~/session/queries";
import { projectKeys } from "./queries";
import { looksAfter } from "./rights";
import { deleteSecret, projectSecretsQuery, putSecret, type PlacedSecret } from "./secrets";

/** Variables of all workspaces of a project, or of those in one domain: for those who look after it. */
export function ProjectSecrets({ project }: { project: Project }) {
  const domains = looksAfter(useQuery(sessionQuery).data, project);
  const query = useQuery({ ...projectSecretsQuery(project.name, domains), enabled: domains.length > 0 });
  if (domains.length === 0) return null;
  return (
    <ListCard
      title="Secrets"
      about="Variables in the project's workspaces, of all members. They are stored encrypted and never shown again."
      addLabel="Add a secret"
      query={query}
      form={(onDone) => <AddSecret project={project.name} domains={domains} onDone={onDone} />}
      empty={
        <EmptyState
          compact
          icon={<Lock size={30} strokeWidth={1.4} />}
          title="None stored"
          text="What is stored here reaches workspaces that run within seconds."
        />
      }
    >
      {(items) => <SecretTable project={project.name} items={items} />}
    </ListCard>
  );
}

function keyOf({ name, domain }: Pick<PlacedSecret, "name" | "domain">): string {
  return `${domain} ${name}`;
}

function SecretTable({ project, items }: { project: string; items: readonly PlacedSecret[] }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<PlacedSecret>();
  const remove = useMutation({
    mutationFn: ({ domain, name }: PlacedSecret) => deleteSecret(project, domain, name),
    onSuccess: (_, { name }) => tellDone(`${name} is removed.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: projectKeys.secrets(project) }),
  });
  return (
    <>
      <RemovalTable
        columns={["Name", "In", "Stored"]}
        removing="Remove"
        rows={items.map((secret) => ({
          id: keyOf(secret),
          removeLabel: `Remove ${secret.name}${secret.domain && ` in ${secret.domain}`}`,
          cells: [
            <Text key="name" component="span" size="sm" style={{ overflowWrap: "anywhere" }}>
              {secret.name}
            </Text>,
            secret.domain || "all domains",
            <Moment key="stored" at={secret.updated_at} />,
          ],
        }))}
        busyId={remove.isPending ? keyOf(remove.variables) : undefined}
        onRemove={(id) => setAsking(items.find((secret) => keyOf(secret) === id))}
      />
      <ConfirmDialog
        opened={asking !== undefined}
        title={`Remove ${asking?.name ?? ""}?`}
        keepLabel="Keep it"
        doLabel="Remove"
        onClose={() => setAsking(undefined)}
        onConfirm={() => {
          if (asking) remove.mutate(asking);
        }}
      >
        The workspaces of the project lose it; those whose definition wants it do not start without.
      </ConfirmDialog>
    </>
  );
}

interface AddSecretProps {
  project: string;
  /** Where one may store it; the empty one is all of them. */
  domains: readonly string[];
  onDone: () => void;
}

function AddSecret({ project, domains, onDone }: AddSecretProps) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { name: "", value: "", domain: domains[0] ?? "" },
    validate: {
      name: (value) => (/^[A-Za-z_]\w*$/.test(value.trim()) ? null : "Letters, digits and underscores."),
      value: (value) => (value ? null : "Paste the value."),
    },
  });
  const add = useMutation({
    mutationFn: ({ name, value, domain }: typeof form.values) =>
      putSecret(project, domain, name.trim(), value),
    onSuccess: async ({ name }) => {
      await client.invalidateQueries({ queryKey: projectKeys.secrets(project) });
      tellDone(`${name} is stored.`);
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))} autoComplete="off" noValidate>
      <Stack gap="md" pb="lg">
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xs: 6, sm: 4 }}>
            <TextInput
              label="Name"
              placeholder="API_TOKEN"
              required
              data-autofocus
              spellCheck={false}
              {...form.getInputProps("name")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, sm: 4 }}>
            <PasswordInput
              label="Value"
              required
              autoComplete="new-password"
              {...form.getInputProps("value")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, sm: 4 }}>
            <Select
              label="Domain"
              allowDeselect={false}
              data={domains.map((value) => ({ value, label: value || "all domains" }))}
              {...form.getInputProps("domain")}
            />
          </Grid.Col>
        </Grid>
        {add.isError && <QueryProblem error={add.error} />}
        <FormButtons label="Store" onCancel={onDone} loading={add.isPending} />
      </Stack>
    </form>
  );
}
