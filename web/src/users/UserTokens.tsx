import { Badge, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Scope, Token, User } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { parseDuration } from "~/design/duration";
import { ListCard } from "~/design/ListCard";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { RemovalTable } from "~/design/RemovalTable";
import { makeToken, type Link } from "./links";
import { userTokensKey, userTokensQuery } from "./queries";

interface UserTokensProps {
  user: User;
  canChange: boolean;
  /** A token was made, to be shown. */
  onLink: (link: Link) => void;
}

/** The tokens and browser sessions that act for somebody; those of a service account are made here. */
export function UserTokens({ user, canChange, onLink }: UserTokensProps) {
  const isProgram = user.kind === "service";
  return (
    <ListCard
      title={isProgram ? "Tokens" : "Tokens and sessions"}
      about={
        isProgram
          ? "The only way in for a program. What is open by one ends within seconds of its revocation."
          : "What acts for this person, and where they are signed in. What is open by one ends with it within seconds."
      }
      addLabel="New token"
      canAdd={isProgram && canChange && !user.disabled}
      query={useQuery(userTokensQuery(user.id))}
      form={(onDone) => <AddToken user={user} onDone={onDone} onLink={onLink} />}
      empty={
        <Text size="sm" c="dimmed">
          None.
        </Text>
      }
    >
      {(items) => <TokenTable user={user} items={items} canChange={canChange} />}
    </ListCard>
  );
}

function nameOf({ kind, title }: Token): string {
  return title || (kind === "session" ? "Browser session" : "Token");
}

interface TokenTableProps {
  user: User;
  items: readonly Token[];
  canChange: boolean;
}

function TokenTable({ user, items, canChange }: TokenTableProps) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Token>();
  const revoke = useMutation({
    mutationFn: (token: string) =>
      answer(
        api.DELETE("/api/v1/users/{user}/tokens/{token}", { params: { path: { user: user.id, token } } }),
      ),
    onSuccess: () => tellDone("It is revoked."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: userTokensKey(user.id) }),
  });
  return (
    <>
      <RemovalTable
        columns={["What", "Last used", "Ends", "May do"]}
        removing="Revoke"
        rows={items.map((token) => ({
          id: token.id,
          removeLabel: canChange ? `Revoke ${nameOf(token)}` : undefined,
          cells: [
            <span key="name">
              {nameOf(token)}{" "}
              {token.kind === "session" && (
                <Badge color="gray" variant="light" tt="none">
                  browser
                </Badge>
              )}
            </span>,
            token.used_at ? <Moment key="used" at={token.used_at} /> : "never",
            token.expires_at ? <Moment key="ends" at={token.expires_at} /> : "never",
            token.scopes.length > 0 ? token.scopes.join(", ") : "everything",
          ],
        }))}
        busyId={revoke.isPending ? revoke.variables : undefined}
        onRemove={(id) => setAsking(items.find((token) => token.id === id))}
      />
      <ConfirmDialog
        opened={asking !== undefined}
        title={`Revoke ${asking ? nameOf(asking) : ""} of ${user.name}?`}
        keepLabel="Keep it"
        doLabel="Revoke"
        onClose={() => setAsking(undefined)}
        onConfirm={() => {
          if (asking) revoke.mutate(asking.id);
        }}
      >
        What uses it stops working within seconds.
      </ConfirmDialog>
    </>
  );
}

const SCOPES: readonly (readonly [scope: Scope, does: string])[] = [
  ["read", "look at workspaces, projects and the server"],
  ["use", "be in workspaces: commands, terminals, files, apps"],
  ["write", "make, start, stop, change and delete workspaces; secrets"],
  ["admin", "all that the account may do"],
];

interface AddTokenProps {
  user: User;
  onDone: () => void;
  onLink: (link: Link) => void;
}

function AddToken({ user, onDone, onLink }: AddTokenProps) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { title: "", scopes: [] as Scope[], life: "" },
    validate: {
      life: (value) =>
        value.trim() === "" || parseDuration(value) !== undefined ? null : "Write 90d, 12h or never.",
    },
  });
  const make = useMutation({
    mutationFn: ({ title, scopes, life }: typeof form.values) =>
      makeToken(user, { title: title.trim(), scopes, seconds: parseDuration(life) }),
    onSuccess: async (link) => {
      onLink(link);
      await client.invalidateQueries({ queryKey: userTokensKey(user.id) });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack gap="md" pb="lg">
        <TextInput
          label="What is it for?"
          placeholder="the build server"
          data-autofocus
          {...form.getInputProps("title")}
        />
        <Checkbox.Group
          label="What may it do?"
          description="None chosen: all that the account may do."
          {...form.getInputProps("scopes")}
        >
          <Stack gap="xs" mt="xs">
            {SCOPES.map(([scope, does]) => (
              <Checkbox key={scope} value={scope} label={scope} description={does} />
            ))}
          </Stack>
        </Checkbox.Group>
        <TextInput
          label="How long?"
          description="As 90d or 12h; empty: until it is revoked."
          spellCheck={false}
          {...form.getInputProps("life")}
        />
        {make.isError && <QueryProblem error={make.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make a token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
