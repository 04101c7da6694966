import { Card, Code, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Preferences, Ssh } from "~/api/types";
import { CopyLine } from "~/design/CopyLine";
import { tellDone, tellProblem } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { preferencesKey, preferencesQuery, sshQuery } from "./queries";

/** Where the gateway is, how it proves that it is the right one, and what SSH does with a stopped workspace. */
export function SshAccess() {
  const query = useQuery(sshQuery);
  const preferences = useQuery(preferencesQuery).data;
  return (
    <Card component="section" aria-label="SSH">
      <Text fw={600} mb={4}>
        SSH
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        Each workspace has its ways in under “Connect” on its page.
      </Text>
      <Stack gap="md">
        {query.isPending && <Skeleton h={80} />}
        {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
        {query.data && <Gateway ssh={query.data} />}
        {preferences && <StartOnConnect preferences={preferences} />}
      </Stack>
    </Card>
  );
}

function Gateway({ ssh }: { ssh: Ssh }) {
  if (ssh.problem) {
    return <ProblemBox tone="warning" title="The SSH gateway does not listen" detail={ssh.problem} />;
  }
  if (!ssh.enabled) {
    return (
      <Text size="sm">
        This server has no SSH gateway. <Code>ssh NAME.carrel</Code> works all the same, after{" "}
        <Code>carrel config-ssh</Code>.
      </Text>
    );
  }
  return (
    <>
      <div>
        <Text size="sm" mb={4}>
          With a stored key, from any machine:
        </Text>
        <CopyLine
          text={`ssh NAME@${ssh.host}${ssh.port === 22 ? "" : ` -p ${ssh.port}`}`}
          what="the SSH command"
        />
      </div>
      <div>
        <Text size="sm" mb={4} style={{ overflowWrap: "anywhere" }}>
          The gateway's key, for <Code>~/.ssh/known_hosts</Code>; its fingerprint is{" "}
          <Code>{ssh.fingerprint}</Code>:
        </Text>
        <CopyLine text={ssh.known_hosts} what="the line for known_hosts" />
      </div>
    </>
  );
}

function StartOnConnect({ preferences }: { preferences: Preferences }) {
  const client = useQueryClient();
  const store = useMutation({
    mutationFn: (start_on_connect: boolean) =>
      answer(api.PUT("/api/v1/preferences", { body: { ...preferences, start_on_connect } })),
    onSuccess: (stored) => {
      client.setQueryData(preferencesKey, stored);
      tellDone(
        stored.start_on_connect
          ? "SSH from a terminal starts a stopped workspace, and waits."
          : "SSH to a stopped workspace says so, and starts nothing.",
      );
    },
    onError: tellProblem,
  });
  return (
    <Switch
      label="SSH starts a stopped workspace"
      description="Where it comes from a terminal of yours. A background reconnect never starts one."
      checked={store.isPending ? store.variables : preferences.start_on_connect}
      onChange={(event) => store.mutate(event.currentTarget.checked)}
    />
  );
}
