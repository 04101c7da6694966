import { Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Server } from "~/api/types";
import { Facts } from "~/design/Facts";
import { QueryProblem } from "~/design/QueryProblem";
import { formatBytes } from "~/design/size";
import { formatSeconds } from "~/design/time";
import { usePageTitle } from "~/design/usePageTitle";
import { serverQuery, sessionQuery } from "~/session/queries";
import { Dotfiles } from "./Dotfiles";
import { GitCredentials } from "./GitCredentials";
import { Password } from "./Password";
import { Secrets } from "./Secrets";
import { Sessions } from "./Sessions";
import { SshAccess } from "./SshAccess";
import { SshKeys } from "./SshKeys";
import { Tokens } from "./Tokens";

/** What belongs to the signed-in person, and the server they use. */
export function SettingsPage() {
  usePageTitle("Settings");
  const session = useQuery(sessionQuery).data;
  const server = useQuery(serverQuery);
  return (
    <>
      <Title order={1} mb={6}>
        Settings
      </Title>
      <Text c="dimmed" mb="lg">
        {session ? `Signed in as ${session.user}, ${session.role}` : "\u00a0"}
      </Text>
      <Stack gap="lg">
        <SshKeys />
        <SshAccess />
        <GitCredentials />
        <Secrets />
        <Dotfiles />
        <Password />
        <Sessions />
        <Tokens />
        <Card component="section" aria-label="Server">
          <Text fw={600} mb="md">
            Server
          </Text>
          {server.isError ? (
            <QueryProblem error={server.error} retry={() => void server.refetch()} />
          ) : (
            <Facts rows={server.data ? factsOf(server.data) : []} />
          )}
        </Card>
      </Stack>
    </>
  );
}

function factsOf({ version, database, runtime, settings }: Server): (readonly [string, ReactNode])[] {
  const { ttl_seconds: ttl, trash_days: trash, default_image: image } = settings;
  return [
    ["Version", version],
    ["Database", database],
    ["Runtime", runtime.problem || [runtime.name, runtime.version].filter(Boolean).join(" ")],
    ["Machine", runtime.cpus > 0 ? `${runtime.cpus} CPUs, ${formatBytes(runtime.memory_bytes)} memory` : ""],
    ["Stops when idle for", typeof ttl === "number" ? formatSeconds(ttl) : ""],
    ["Trash is kept for", typeof trash === "number" ? `${trash} days` : ""],
    ["Default image", typeof image === "string" ? image : ""],
    ["Notices", runtime.notices.join("; ")],
  ];
}
