import { Badge, Button, Card, Group, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { BrowserSession } from "~/api/types";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { RemovalTable } from "~/design/RemovalTable";
import { browserOf } from "./browser";
import { sessionsKey, sessionsQuery } from "./queries";

/** Where the person is signed in with a browser. */
export function Sessions() {
  const client = useQueryClient();
  const query = useQuery(sessionsQuery);
  const items = query.data?.items ?? [];
  const refresh = () => client.invalidateQueries({ queryKey: sessionsKey });
  const end = useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onSuccess: () => tellDone("That browser is signed out."),
    onError: tellProblem,
    onSettled: refresh,
  });
  const endOthers = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/sessions", { params: { query: { keep_this: true } } })),
    onSuccess: ({ ended }) =>
      tellDone(ended === 1 ? "One browser is signed out." : `${ended} are signed out.`),
    onError: tellProblem,
    onSettled: refresh,
  });
  return (
    <Card component="section" aria-label="Where you are signed in">
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>Where you are signed in</Text>
        {items.some((one) => !one.current) && (
          <Button
            size="xs"
            flex="none"
            variant="default"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            Sign out everywhere else
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        Browsers that are signed in as you. What one opened, also of apps, ends with it within seconds.
      </Text>
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {items.length > 0 && (
        <RemovalTable
          columns={["Browser", "Last used", "From"]}
          removing="Sign out"
          rows={items.map((one) => ({
            id: one.id,
            removeLabel: `Sign out ${browserOf(one.agent)}${one.address && ` at ${one.address}`}`,
            cells: [
              <Name key="name" session={one} />,
              <Moment key="used" at={one.used_at ?? one.created_at} />,
              one.address || "unknown",
            ],
          }))}
          busyId={end.isPending ? end.variables : undefined}
          onRemove={(id) => end.mutate(id)}
        />
      )}
    </Card>
  );
}

function Name({ session }: { session: BrowserSession }) {
  return (
    <span title={session.agent}>
      {browserOf(session.agent)}{" "}
      {session.current && (
        <Badge color="gray" variant="light" tt="none">
          this one
        </Badge>
      )}
    </span>
  );
}
