import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Token } from "~/api/types";
import { Moment } from "~/design/Moment";
import { ShownOnce } from "~/design/ShownOnce";
import { tellDone, tellProblem } from "~/design/notices";
import { ListCard } from "~/design/ListCard";
import { RemovalTable } from "~/design/RemovalTable";
import { tokensKey, tokensQuery } from "./queries";

/** The tokens that act for the person. */
export function Tokens() {
  return (
    <ListCard
      title="Tokens"
      about="For programs and other machines. What is open by one ends within seconds of its revocation."
      addLabel="New token"
      query={useQuery({ ...tokensQuery, select: personal })}
      form={(onDone) => <AddToken onDone={onDone} />}
    >
      {(items) => <TokenTable items={items} />}
    </ListCard>
  );
}

/** Browser sessions have a list of their own. */
function personal({ items }: { items: Token[] }) {
  return { items: items.filter(({ kind }) => kind === "personal") };
}

function TokenTable({ items }: { items: readonly Token[] }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (token: string) =>
      answer(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token } } })),
    onSuccess: () => tellDone("It is revoked."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
  const [asking, setAsking] = useState<Token>();
  const rows = items.map((token) => ({
    id: token.id,
    removeLabel: `Revoke ${nameOf(token)}`,
    cells: [
      nameOf(token),
      at(token.used_at),
      at(token.expires_at),
      token.scopes.length > 0 ? token.scopes.join(", ") : "everything",
    ],
  }));
  return (
    <>
      <RevokeDialog
        token={asking}
        onClose={() => setAsking(undefined)}
        onRevoke={(token) => revoke.mutate(token.id)}
      />
      <RemovalTable
        columns={["What", "Last used", "Ends", "May do"]}
        removing="Revoke"
        rows={rows}
        busyId={revoke.isPending ? revoke.variables : undefined}
        onRemove={(id) => setAsking(items.find((token) => token.id === id))}
      />
    </>
  );
}

function at(moment: string | null | undefined): ReactNode {
  return moment ? <Moment at={moment} /> : "never";
}

interface RevokeDialogProps {
  token: Token | undefined;
  onClose: () => void;
  onRevoke: (token: Token) => void;
}

function RevokeDialog({ token, onClose, onRevoke }: RevokeDialogProps) {
  return (
    <Modal opened={token !== undefined} onClose={onClose} title={token && `Revoke ${nameOf(token)}?`}>
      <Text size="sm">
        Programs that use it stop working within seconds; for the token file of a local server that is the
        carrel command on this machine.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button
          color="brick"
          onClick={() => {
            if (token) onRevoke(token);
            onClose();
          }}
        >
          Revoke
        </Button>
      </Group>
    </Modal>
  );
}

function nameOf(token: Token): string {
  return token.title === "" ? "Token" : token.title;
}

function AddToken({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const make = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/tokens", { body: { title: title.trim() } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
    onError: tellProblem,
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    make.mutate();
  }

  if (make.data) {
    return (
      <ShownOnce
        text={make.data.token}
        what="the token"
        about="It may do all that you may do."
        onDone={onDone}
      />
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md" pb="lg">
        <TextInput
          label="What is it for?"
          placeholder="the build server"
          required
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={title.trim() === ""}>
            Make a token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
