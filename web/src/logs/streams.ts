/** The logs that a workspace has. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { LogPage, LogStream } from "~/api/types";

export function logStreamsQuery(workspace: string) {
  return queryOptions({
    queryKey: ["workspaces", "one", workspace, "logs"],
    queryFn: async ({ signal }) => {
      const page = await answer(
        api.GET("/api/v1/workspaces/{workspace}/logs", { params: { path: { workspace } }, signal }),
      );
      // The other form of the answer, a stream, comes only where it is asked for.
      return (page as LogPage).streams;
    },
  });
}

/** The log that is most likely wanted: the one that was written to last. */
export function latestStream(streams: readonly LogStream[]): string | undefined {
  return streams.reduce<LogStream | undefined>(
    (latest, stream) => (latest === undefined || stream.updated_at >= latest.updated_at ? stream : latest),
    undefined,
  )?.name;
}
