import { Button, Card, Group, Loader, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { answer, api } from "~/api/client";
import type { GitCredential, GitLogin } from "~/api/types";
import { CopyIcon } from "~/design/CopyLine";
import { Moment } from "~/design/Moment";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { serverQuery } from "~/session/queries";
import { credentialsKey, credentialsQuery, gitLoginQuery, isRefusal } from "./queries";

/** Logging in at git hosts without a token to copy (OAuth's device flow); nothing where the server is set up for none. */
export function GitLogins() {
  const hosts = useQuery(serverQuery).data?.git_login_hosts ?? [];
  const stored = useQuery(credentialsQuery).data?.items ?? [];
  if (hosts.length === 0) return null;
  return (
    <Card component="section" aria-label="Git logins">
      <Text fw={600} mb={4}>
        Git logins
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        Without a token to copy: you type a code at the host. Git in your workspaces then clones, fetches and
        pushes as you, and the login renews itself.
      </Text>
      <Stack gap="md">
        {hosts.map((host) => (
          <HostLogin key={host} host={host} stored={stored.find((one) => one.host === host)} />
        ))}
      </Stack>
    </Card>
  );
}

interface HostLoginProps {
  host: string;
  stored: GitCredential | undefined;
}

function HostLogin({ host, stored }: HostLoginProps) {
  const client = useQueryClient();
  const begin = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/git-credentials/{host}/login", { params: { path: { host } } })),
  });
  const [isOpen, setIsOpen] = useState(false);
  const again = () => {
    setIsOpen(true);
    begin.mutate();
  };

  function done() {
    setIsOpen(false);
    tellDone(`Logged in at ${host}. Git in your workspaces uses it from now on.`);
    void client.invalidateQueries({ queryKey: credentialsKey });
  }

  const letIn = stored ? "Log in anew" : "Log in";
  const cancel = (
    <Button variant="default" onClick={() => setIsOpen(false)}>
      Cancel
    </Button>
  );
  return (
    <div role="group" aria-label={host}>
      <Group justify="space-between" wrap="nowrap">
        <div style={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <Text fw={550}>{host}</Text>
          <Text size="sm" c="dimmed">
            {stored ? <StoredAs stored={stored} /> : "nothing stored"}
          </Text>
        </div>
        {!isOpen && (
          <Button size="xs" flex="none" variant="default" aria-label={`${letIn} at ${host}`} onClick={again}>
            {letIn}
          </Button>
        )}
      </Group>
      {isOpen && (
        <Stack gap="sm" mt="sm">
          {begin.isPending && <Waiting text={`Asking ${host} for a code…`} />}
          {begin.isError && <QueryProblem error={begin.error} retry={again} />}
          {begin.data && (
            <DeviceCode key={begin.data.user_code} login={begin.data} onDone={done} onAgain={again}>
              {cancel}
            </DeviceCode>
          )}
          {!begin.data && <Group justify="flex-end">{cancel}</Group>}
        </Stack>
      )}
    </div>
  );
}

function StoredAs({ stored: { kind, updated_at } }: { stored: GitCredential }) {
  return (
    <>
      {kind === "login" ? "logged in, renewed " : "a token, stored "}
      <Moment at={updated_at} />
    </>
  );
}

interface DeviceCodeProps {
  login: GitLogin;
  onDone: () => void;
  onAgain: () => void;
  /** What else one may do. */
  children: ReactNode;
}

/** The code to type, and whether it was. */
function DeviceCode({ login, onDone, onAgain, children }: DeviceCodeProps) {
  const { host, user_code, verification_uri, verification_uri_complete, expires_at } = login;
  const look = useQuery(gitLoginQuery(login));
  const isDone = look.data?.state === "done";

  useEffect(() => {
    if (isDone) onDone();
    // Told once; what is to be done then may be another function at each look.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isDone]);

  if (isRefusal(look.error)) {
    return (
      <>
        <QueryProblem error={look.error} retry={onAgain} />
        <Group justify="flex-end">{children}</Group>
      </>
    );
  }
  const page = verification_uri_complete || verification_uri;
  return (
    <>
      <Text size="sm">
        Type this code at {host}. It ends <Moment at={expires_at} />.
      </Text>
      <Group gap="xs">
        <Text component="code" ff="monospace" fz="xl" fw={600} lts="0.08em">
          {user_code}
        </Text>
        <CopyIcon text={user_code} what="the code" />
      </Group>
      <Group justify="space-between" gap="sm">
        <Waiting text="Waiting until you have agreed there…" />
        <Group justify="flex-end" gap="sm" ml="auto">
          {children}
          {/^https?:\/\//.test(page) && (
            <Button
              component="a"
              href={page}
              target="_blank"
              rel="noopener noreferrer"
              rightSection={<ExternalLink size={16} aria-hidden="true" />}
            >
              Open {verification_uri.replace(/^https?:\/\//, "")}
            </Button>
          )}
        </Group>
      </Group>
    </>
  );
}

function Waiting({ text }: { text: string }) {
  return (
    <Group gap="xs" role="status">
      <Loader size={14} aria-hidden="true" />
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}
