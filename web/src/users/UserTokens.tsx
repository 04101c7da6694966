import { Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Token, User } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { ListCard } from "~/design/ListCard";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { RemovalTable } from "~/design/RemovalTable";
import { TokenForm } from "~/tokens/TokenForm";
import type { TokenWish } from "~/tokens/wish";
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
  return kind === "session" ? "Browser session" : title || "Token";
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
            nameOf(token),
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

interface AddTokenProps {
  user: User;
  onDone: () => void;
  onLink: (link: Link) => void;
}

function AddToken({ user, onDone, onLink }: AddTokenProps) {
  const client = useQueryClient();
  async function make(wish: TokenWish) {
    onLink(await makeToken(user, wish));
    await client.invalidateQueries({ queryKey: userTokensKey(user.id) });
    onDone();
  }
  return <TokenForm whose="the account" make={make} onCancel={onDone} />;
}
