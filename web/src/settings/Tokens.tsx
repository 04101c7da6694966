import {
  ActionIcon,
  Button,
  Card,
  Code,
  CopyButton,
  Group,
  Modal,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Token } from "~/api/types";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { tokensKey, tokensQuery } from "./queries";

/** Where the person is signed in, and the tokens that act for them. */
export function Tokens() {
  const query = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  return (
    <Card component="section" aria-label="Sessions and tokens">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Sessions and tokens</Text>
        {!adding && (
          <Button
            size="xs"
            flex="none"
            variant="default"
            leftSection={<Plus size={14} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            New token
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        Browsers that are signed in as you, and tokens for programs. Revoking one ends it within seconds.
      </Text>
      {adding && <AddToken onDone={() => setAdding(false)} />}
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data && <TokenTable items={query.data.items} />}
    </Card>
  );
}

function TokenTable({ items }: { items: readonly Token[] }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (token: Token) =>
      answer(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token: token.id } } })),
    onSuccess: () => tellDone("It is revoked."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
  const [asking, setAsking] = useState<Token>();
  return (
    <>
      <RevokeDialog
        token={asking}
        onClose={() => setAsking(undefined)}
        onRevoke={(token) => revoke.mutate(token)}
      />
      <Table.ScrollContainer minWidth={260}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th visibleFrom="xs">Ends</Table.Th>
              <Table.Th>
                <VisuallyHidden>Revoke</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((token) => (
              <Table.Tr key={token.id}>
                <Table.Td>{nameOf(token)}</Table.Td>
                <Table.Td>{token.used_at ? <Moment at={token.used_at} /> : "never"}</Table.Td>
                <Table.Td visibleFrom="xs">
                  {token.expires_at ? <Moment at={token.expires_at} /> : "never"}
                </Table.Td>
                <Table.Td ta="right">
                  <ActionIcon
                    variant="subtle"
                    color="brick"
                    aria-label={`Revoke ${nameOf(token)}`}
                    loading={revoke.isPending && revoke.variables.id === token.id}
                    onClick={() => setAsking(token)}
                  >
                    <Trash2 size={16} />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
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
    const { token } = make.data;
    return (
      <Stack gap="sm" pb="lg">
        <Text size="sm">Copy it now; it is shown this once. It may do all that you may do.</Text>
        <Code block>{token}</Code>
        <Group justify="flex-end" gap="sm">
          <CopyButton value={token}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onDone}>Done</Button>
        </Group>
      </Stack>
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
