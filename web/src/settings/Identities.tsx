import { Button, Card, Group, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Identity } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { RemovalTable } from "~/design/RemovalTable";
import { waysQuery } from "~/session/queries";
import { identitiesKey, identitiesQuery, meQuery } from "./queries";

/** Accounts at an identity provider with which the person signs in; nothing where the server knows no provider. */
export function Identities() {
  const me = useQuery(meQuery).data;
  const provider = useQuery(waysQuery).data?.oidc;
  const query = useQuery(identitiesQuery);
  const items = query.data?.items ?? [];
  const link = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/identities")),
    // The provider sends the browser back to this page.
    onSuccess: ({ url }) => window.location.assign(url),
    onError: tellProblem,
  });
  if (me?.kind !== "person" || (!provider && items.length === 0)) return null;
  return (
    <Card component="section" aria-label="Linked identities">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Linked identities</Text>
        {provider && (
          <Button
            size="xs"
            flex="none"
            variant="default"
            loading={link.isPending || link.isSuccess}
            onClick={() => link.mutate()}
          >
            {items.length > 0 ? "Link another" : "Link one"}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        Accounts at an identity provider with which you sign in
        {provider ? `: “${provider}” on the sign-in page.` : "."}
      </Text>
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && <Text size="sm">None is linked with your account.</Text>}
      {items.length > 0 && <IdentityTable items={items} hasPassword={me.has_password === true} />}
    </Card>
  );
}

interface IdentityTableProps {
  items: readonly Identity[];
  hasPassword: boolean;
}

function IdentityTable({ items, hasPassword }: IdentityTableProps) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Identity>();
  const unlink = useMutation({
    mutationFn: (identity: string) =>
      answer(api.DELETE("/api/v1/identities/{identity}", { params: { path: { identity } } })),
    onSuccess: () => tellDone("It is unlinked; nobody signs in with it any more."),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: identitiesKey }),
  });
  const isLast = items.length === 1;
  return (
    <>
      <RemovalTable
        columns={["At", "Address", "Last used"]}
        removing="Unlink"
        rows={items.map((one) => ({
          id: one.id,
          removeLabel: `Unlink ${nameOf(one)}`,
          cells: [
            hostOf(one.issuer),
            one.email || "none that is verified",
            one.used_at ? <Moment key="used" at={one.used_at} /> : "never",
          ],
        }))}
        busyId={unlink.isPending ? unlink.variables : undefined}
        onRemove={(id) => setAsking(items.find((one) => one.id === id))}
      />
      <ConfirmDialog
        opened={asking !== undefined}
        title={asking ? `Unlink ${nameOf(asking)}?` : ""}
        keepLabel="Keep it"
        doLabel="Unlink"
        onClose={() => setAsking(undefined)}
        onConfirm={() => {
          if (asking) unlink.mutate(asking.id);
        }}
      >
        You sign in with it no more; what is open now stays so.
        {isLast &&
          !hasPassword &&
          " You have no password: then only a login link, or a token that you have, lets you in."}
      </ConfirmDialog>
    </>
  );
}

function nameOf({ email, issuer }: Identity): string {
  return email || hostOf(issuer);
}

/** Where an account is, in short. */
function hostOf(issuer: string): string {
  return issuer.replace(/^https?:\/\//, "");
}
