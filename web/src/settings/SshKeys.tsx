import { Code, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeySquare } from "lucide-react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { SshKey } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { ListCard } from "~/design/ListCard";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { RemovalTable } from "~/design/RemovalTable";
import { FormButtons } from "~/design/FormButtons";
import { problemWithKey } from "./publicKey";
import { sshKeysKey, sshKeysQuery } from "./queries";

/** Public keys with which the person comes by SSH. */
export function SshKeys() {
  return (
    <ListCard
      title="SSH keys"
      about="Public keys with which you come by plain SSH. `carrel ssh` and `carrel config-ssh` need none."
      addLabel="Add"
      query={useQuery(sshKeysQuery)}
      form={(onDone) => <AddKey onDone={onDone} />}
      empty={
        <EmptyState
          compact
          icon={<KeySquare size={30} strokeWidth={1.4} />}
          title="None stored"
          text="Paste the file id_ed25519.pub of your machine, or make one with ssh-keygen."
        />
      }
    >
      {(items) => <KeyTable items={items} />}
    </ListCard>
  );
}

function KeyTable({ items }: { items: readonly SshKey[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (key: string) => answer(api.DELETE("/api/v1/ssh-keys/{key}", { params: { path: { key } } })),
    onSuccess: () => tellDone("It is removed; connections made with it end within seconds."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: sshKeysKey }),
  });
  const rows = items.map(({ id, title, fingerprint, used_at }) => ({
    id,
    removeLabel: `Remove the key ${title || fingerprint}`,
    cells: [
      title || "untitled",
      <Code key="fingerprint" bg="transparent" p={0}>
        {fingerprint}
      </Code>,
      used_at ? <Moment key="used" at={used_at} /> : "never",
    ],
  }));
  return (
    <RemovalTable
      columns={["Title", "Fingerprint", "Last used"]}
      removing="Remove"
      rows={rows}
      busyId={remove.isPending ? remove.variables : undefined}
      onRemove={remove.mutate}
    />
  );
}

function AddKey({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { public_key: "", title: "" },
    validate: { public_key: (value) => problemWithKey(value) ?? null },
  });
  const add = useMutation({
    mutationFn: ({ public_key, title }: typeof form.values) =>
      answer(api.POST("/api/v1/ssh-keys", { body: { public_key: public_key.trim(), title: title.trim() } })),
    onSuccess: async ({ title, fingerprint }) => {
      await client.invalidateQueries({ queryKey: sshKeysKey });
      tellDone(`The key ${title || fingerprint} is stored.`);
      onDone();
    },
    onError: (error) => {
      const problem = asProblem(error);
      form.setFieldError(
        "public_key",
        [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" "),
      );
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack gap="md" pb="lg">
        <Textarea
          label="Public key"
          placeholder="ssh-ed25519 AAAA… you@laptop"
          required
          rows={3}
          data-autofocus
          spellCheck={false}
          autoCapitalize="none"
          {...form.getInputProps("public_key")}
        />
        <TextInput
          label="Title"
          description="Without one its comment is taken."
          placeholder="laptop"
          {...form.getInputProps("title")}
        />
        <FormButtons label="Store" onCancel={onDone} loading={add.isPending} />
        <Text size="xs" c="dimmed">
          Whoever has the private half of a key comes in as you. It never leaves your machine.
        </Text>
      </Stack>
    </form>
  );
}
