import { Card, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Server } from "~/api/types";
import { Facts } from "~/design/Facts";
import { QueryProblem } from "~/design/QueryProblem";
import { formatBytes } from "~/design/size";
import { formatSeconds } from "~/design/time";
import { serverQuery } from "~/session/queries";

/** The server that one uses. */
export function ServerTab() {
  const server = useQuery(serverQuery);
  return (
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
