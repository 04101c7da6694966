import { Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Facts } from "~/design/Facts";
import { formatBytes } from "~/design/size";
import { formatDateTime } from "~/design/time";
import { usePageTitle } from "~/design/usePageTitle";
import { serverQuery, sessionQuery } from "~/session/queries";
import { GitCredentials } from "./GitCredentials";

/** What belongs to the signed-in person, and the server they use. */
export function SettingsPage() {
  usePageTitle("Settings");
  const session = useQuery(sessionQuery).data;
  const server = useQuery(serverQuery).data;
  return (
    <>
      <Title order={1} mb="lg">
        Settings
      </Title>
      <Stack gap="lg">
        <GitCredentials />
        <Card component="section" aria-label="This session">
          <Text fw={600} mb="md">
            This session
          </Text>
          <Facts
            rows={[
              ["Signed in as", session?.user],
              ["By", session?.via],
              ["Ends", session?.expires_at ? formatDateTime(new Date(session.expires_at)) : ""],
            ]}
          />
        </Card>
        <Card component="section" aria-label="Server">
          <Text fw={600} mb="md">
            Server
          </Text>
          <Facts
            rows={[
              ["Version", server?.version],
              ["Mode", server?.mode],
              ["Runtime", server?.runtime],
              ["Machine", server ? `${server.cpus} CPUs, ${formatBytes(server.memory_bytes)}` : ""],
            ]}
          />
        </Card>
      </Stack>
    </>
  );
}
