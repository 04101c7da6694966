import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { NewToken, Token } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { Moment } from "~/design/Moment";
import { ShownOnce } from "~/design/ShownOnce";
import { tellDone, tellProblem } from "~/design/notices";
import { ListCard } from "~/design/ListCard";
import { RemovalTable } from "~/design/RemovalTable";
import { useNow } from "~/design/useNow";
import { TokenForm } from "~/tokens/TokenForm";
import { whatItMay, type TokenWish } from "~/tokens/wish";
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
      token.used_at ? <Moment key="used" at={token.used_at} /> : "never",
      <Ends key="ends" token={token} />,
      token.scopes.length > 0 ? token.scopes.join(", ") : "everything",
    ],
  }));
  return (
    <>
      <ConfirmDialog
        opened={asking !== undefined}
        title={asking ? `Revoke ${nameOf(asking)}?` : ""}
        keepLabel="Keep it"
        doLabel="Revoke"
        onClose={() => setAsking(undefined)}
        onConfirm={() => {
          if (asking) revoke.mutate(asking.id);
        }}
      >
        Programs that use it stop working within seconds; for the token file of a local server that is the
        carrel command on this machine.
      </ConfirmDialog>
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

function Ends({ token: { expires_at } }: { token: Token }) {
  const now = useNow();
  if (!expires_at) return "never";
  return (
    <>
      {new Date(expires_at) < now && "ended "}
      <Moment at={expires_at} />
    </>
  );
}

function nameOf(token: Token): string {
  return token.title === "" ? "Token" : token.title;
}

function AddToken({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [made, setMade] = useState<NewToken>();
  if (made) {
    return <ShownOnce text={made.token} what="the token" about={whatItMay(made, "you")} onDone={onDone} />;
  }
  async function make({ title, scopes, seconds }: TokenWish) {
    const body = { title, scopes: [...scopes], ...(seconds ? { life_seconds: seconds } : {}) };
    setMade(await answer(api.POST("/api/v1/tokens", { body })));
    void client.invalidateQueries({ queryKey: tokensKey });
  }
  return <TokenForm whose="you" make={make} onCancel={onDone} />;
}
