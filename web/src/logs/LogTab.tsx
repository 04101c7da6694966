import { Button, Card, NativeSelect, Skeleton, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue, useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Download, ScrollText, Search } from "lucide-react";
import { useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { useDetail } from "~/detail/context";
import { isStarting } from "~/workspaces/phase";
import { LogView } from "./LogView";
import { latestStream, logStreamsQuery } from "./streams";
import { useLog } from "./useLog";
import classes from "./LogTab.module.css";

/** The logs of a workspace, one at a time, live. */
export function LogTab() {
  const { workspace } = useDetail();
  const starting = isStarting(workspace);
  // Hooks may begin, and begin a log, long after the workspace runs.
  const streams = useQuery({ ...logStreamsQuery(workspace.id), refetchInterval: starting ? 2000 : 5000 });
  const [query, setQuery] = useSearchParams();
  const chosen = query.get("stream") ?? "";
  const items = streams.data ?? [];
  const shown = chosen || latestStream(items);

  if (streams.isError) return <QueryProblem error={streams.error} retry={() => void streams.refetch()} />;
  if (streams.isPending) return <Skeleton h={320} radius="lg" />;
  if (shown === undefined) {
    return (
      <Card>
        <EmptyState
          icon={<ScrollText size={34} strokeWidth={1.4} />}
          title="Nothing is written yet"
          text="What is said while the source is fetched, the image is built and hooks run comes here, line by line."
        />
      </Card>
    );
  }
  return (
    <Card padding="md">
      <OneLog
        key={shown}
        workspace={workspace.id}
        stream={shown}
        picker={
          <NativeSelect
            aria-label="Log"
            value={chosen}
            onChange={({ currentTarget: { value } }) =>
              setQuery(value ? { stream: value } : {}, { replace: true })
            }
            data={[
              { value: "", label: `Latest: ${latestStream(items) ?? shown}` },
              ...items.map(({ name }) => name),
            ]}
          />
        }
      />
    </Card>
  );
}

function OneLog({ workspace, stream, picker }: { workspace: string; stream: string; picker: ReactNode }) {
  const { buffer, state, problem } = useLog(workspace, stream);
  const lines = useSyncExternalStore(buffer.subscribe, buffer.getLines);
  const [wrap, setWrap] = useLocalStorage({ key: "carrel-log-wrap", defaultValue: true });
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim().toLowerCase(), 150);
  const shown = useMemo(
    () => (wanted === "" ? lines : lines.filter((line) => line.text.toLowerCase().includes(wanted))),
    [lines, wanted],
  );

  function save() {
    const file = new Blob([lines.map((line) => `${line.text}\n`).join("")], { type: "text/plain" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${stream.replaceAll(/[^\w.-]+/g, "-")}.log`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  if (state === "refused") return <QueryProblem error={problem} />;
  const empty =
    wanted !== "" && lines.length > 0
      ? "No line contains this."
      : state === "ended"
        ? "This log is empty."
        : "Waiting for the first line…";
  return (
    <>
      <div className={classes.tools}>
        {picker}
        <TextInput
          type="search"
          aria-label="Show only lines that contain"
          placeholder="Only lines with…"
          leftSection={<Search size={15} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Switch label="Wrap" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
        <Button
          variant="default"
          leftSection={<Download size={15} aria-hidden="true" />}
          onClick={save}
          disabled={lines.length === 0}
        >
          Save
        </Button>
      </div>
      <LogView
        lines={shown}
        empty={empty}
        height="max(20rem, calc(100dvh - 22rem))"
        wrap={wrap}
        label={`Log ${stream}`}
      />
    </>
  );
}
