import { ActionIcon, Button, Card, Group, Progress, Text } from "@mantine/core";
import { X } from "lucide-react";
import { HintText } from "~/design/HintText";
import { formatBytes } from "~/design/size";
import type { UploadItem, Uploads } from "./uploads";
import classes from "./FilesTab.module.css";

interface UploadListProps {
  uploads: Uploads;
  items: readonly UploadItem[];
}

/** How far each upload is, and the questions that some of them have. */
export function UploadList({ uploads, items }: UploadListProps) {
  if (items.length === 0) return null;
  const over = items.every(({ state }) => state !== "waiting" && state !== "sending");
  const asking = items.filter(({ state }) => state === "exists");
  const done = items.filter(({ state }) => state === "done").length;
  return (
    <Card component="section" aria-label="Uploads">
      <Group justify="space-between" mb="xs">
        <Text fw={600} role="status">
          {done === items.length ? "All is uploaded" : `Uploads: ${done} of ${items.length} done`}
        </Text>
        <Group gap="xs">
          {asking.length > 1 && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => asking.forEach(({ id }) => uploads.retry(id, true))}
            >
              Overwrite all {asking.length}
            </Button>
          )}
          {over && (
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => uploads.clear()}>
              Clear
            </Button>
          )}
        </Group>
      </Group>
      <ul className={classes.uploads}>
        {items.map((item) => (
          <Item key={item.id} item={item} uploads={uploads} />
        ))}
      </ul>
    </Card>
  );
}

function Item({ item, uploads }: { item: UploadItem; uploads: Uploads }) {
  const { id, name, size, sent, state, problem } = item;
  const active = state === "waiting" || state === "sending";
  return (
    <li className={classes.upload}>
      <div className={classes.uploadName}>
        <Text size="sm" truncate title={name}>
          {name}
        </Text>
        <Text size="xs" c={state === "failed" ? "var(--mantine-color-error)" : "dimmed"}>
          {state === "waiting" && "Waits"}
          {state === "sending" &&
            (sent < size ? `${formatBytes(sent)} of ${formatBytes(size)}` : "Being written")}
          {state === "done" && formatBytes(size)}
          {state === "cancelled" && "Cancelled"}
          {state === "exists" && "Something of this name is there already."}
          {state === "failed" && problem && (
            <>
              {problem.title}
              {problem.detail && `: ${problem.detail}`} {problem.hint && <HintText>{problem.hint}</HintText>}
            </>
          )}
        </Text>
      </div>
      {active && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Cancel the upload of ${name}`}
          onClick={() => uploads.cancel(id)}
        >
          <X size={16} />
        </ActionIcon>
      )}
      {state === "exists" && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Overwrite ${name}`}
            onClick={() => uploads.retry(id, true)}
          >
            Overwrite
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-label={`Leave out ${name}`}
            onClick={() => uploads.cancel(id)}
          >
            Leave out
          </Button>
        </Group>
      )}
      {state === "failed" && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`Try ${name} again`}
          onClick={() => uploads.retry(id, false)}
        >
          Try again
        </Button>
      )}
      {state === "sending" && (
        <Progress
          className={classes.uploadBar ?? ""}
          size="xs"
          value={size === 0 ? 100 : (100 * sent) / size}
          aria-label={`Upload of ${name}`}
        />
      )}
    </li>
  );
}
