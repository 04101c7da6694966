import { Grid, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { GitCredential } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { ListCard } from "~/design/ListCard";
import { credentialsKey, credentialsQuery, hostOf } from "./queries";
import { RemovalTable } from "~/design/RemovalTable";
import { FormButtons } from "~/design/FormButtons";

/** Tokens and logins for git hosts: stored encrypted, never shown again. */
export function GitCredentials() {
  return (
    <ListCard
      title="Git credentials"
      about="With which private repositories are fetched, and git in your workspaces works. Stored encrypted, never shown again, on no workspace's disk."
      addLabel="Add"
      query={useQuery(credentialsQuery)}
      form={(onDone) => <AddCredential onDone={onDone} />}
      empty={
        <EmptyState
          compact
          icon={<KeyRound size={30} strokeWidth={1.4} />}
          title="None stored"
          text="Public repositories need none."
        />
      }
    >
      {(items) => <CredentialTable items={items} />}
    </ListCard>
  );
}

function CredentialTable({ items }: { items: readonly GitCredential[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (host: string) =>
      answer(api.DELETE("/api/v1/git-credentials/{host}", { params: { path: { host } } })),
    onSuccess: (_, host) => tellDone(`The credential for ${host} is removed.`),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: credentialsKey }),
  });
  const rows = items.map(({ host, username, kind, updated_at }) => ({
    id: host,
    removeLabel: `Remove the credential for ${host}`,
    cells: [host, kind === "login" ? "login" : "token", username, <Moment key="stored" at={updated_at} />],
  }));
  return (
    <RemovalTable
      columns={["Host", "Kind", "User name", "Stored"]}
      removing="Remove"
      rows={rows}
      busyId={remove.isPending ? remove.variables : undefined}
      onRemove={remove.mutate}
    />
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
              description="With the right to read the repositories, and to write where you push."
              required
              autoComplete="new-password"
              {...form.getInputProps("token")}
            />
          </Grid.Col>
        </Grid>
        <FormButtons label="Store" onCancel={onDone} loading={add.isPending} />
      </Stack>
    </form>
  );
}
