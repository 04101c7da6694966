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

/** Where the person is signed in, and the tokens that act for them. */
export function Tokens() {
  return (
    <ListCard
      title="Sessions and tokens"
      about="Browsers that are signed in as you, and tokens for programs. Revoking one ends it within seconds."
      addLabel="New token"
      query={useQuery(tokensQuery)}
      form={(onDone) => <AddToken onDone={onDone} />}
    >
      {(items) => <TokenTable items={items} />}
    </ListCard>
  );
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
    cells: [nameOf(token), at(token.used_at), at(token.expires_at)],
  }));
  return (
    <>
      <RevokeDialog
        token={asking}
        onClose={() => setAsking(undefined)}
        onRevoke={(token) => revoke.mutate(token.id)}
      />
      <RemovalTable
        columns={["What", "Last used", "Ends"]}
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
        {token?.kind === "session"
          ? "That browser is signed out, also of every app. It may be this one."
          : "Programs that use it stop working within seconds; for the token file of a local server that is the carrel command on this machine."}
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
  const kind = token.kind === "session" ? "Browser" : "Token";
  return token.title === "" || token.title.toLowerCase() === kind.toLowerCase()
    ? kind
    : `${kind}: ${token.title}`;
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
