import { useState } from "react";
import type { LogChunk } from "~/api/types";
import { useStream, type StreamStatus } from "~/live/useStream";
import { LogBuffer } from "./buffer";

export interface Log extends StreamStatus {
  buffer: LogBuffer;
}

/** One log of a workspace from its begin, and what is written to it from now on. */
export function useLog(workspace: string, stream: string | undefined): Log {
  const [buffer] = useState(() => new LogBuffer());
  const status = useStream({
    url:
      stream === undefined
        ? undefined
        : `/api/v1/workspaces/${workspace}/logs?stream=${encodeURIComponent(stream)}`,
    onEvents: (events) => {
      for (const { data } of events) buffer.append((JSON.parse(data) as LogChunk).text);
    },
    onRestart: () => buffer.clear(),
  });
  return { ...status, buffer };
}
