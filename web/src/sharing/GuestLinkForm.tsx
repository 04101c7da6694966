import { Button, Grid, Group, Select, Stack, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import type { Level, Workspace } from "~/api/types";
import { QueryProblem } from "~/design/QueryProblem";
import { ShownOnce } from "~/design/ShownOnce";
import { EditDialog } from "./EditDialog";
import { LevelField } from "./LevelField";
import { portsFrom } from "./ports";
import { PortsField } from "./PortsField";
import { useGiving } from "./useGiving";

const HOUR = 3600;
const LIVES = [
  { value: `${HOUR / 2}`, label: "30 minutes" },
  { value: `${2 * HOUR}`, label: "2 hours" },
  { value: `${8 * HOUR}`, label: "8 hours" },
  { value: `${24 * HOUR}`, label: "A day" },
  { value: `${7 * 24 * HOUR}`, label: "7 days" },
];
const USUAL = `${2 * HOUR}`;
const LONGEST_TITLE = 30;

/** Makes a link that lets whoever has it in, for a time. */
export function GuestLinkForm({ workspace, onDone }: { workspace: Workspace; onDone: () => void }) {
  const [title, setTitle] = useState("");
  const [level, setLevel] = useState<Level>("view");
  const [ports, setPorts] = useState<string[]>([]);
  const [life, setLife] = useState(USUAL);
  const [asking, setAsking] = useState(false);
  const make = useGiving(workspace.id);

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (level === "edit") setAsking(true);
    else send();
  }

  function send() {
    setAsking(false);
    make.mutate({
      guest: true,
      title: title.trim(),
      level,
      ports: level === "view" ? portsFrom(ports) : [],
      expires_in_seconds: Number(life),
    });
  }

  if (make.data) {
    return (
      <ShownOnce
        text={make.data.url}
        what="the guest link"
        about="Whoever has it comes in until it ends; give it to nobody else."
        onDone={onDone}
      />
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md" pb="lg">
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput
              label="For whom"
              placeholder="the reviewers"
              data-autofocus
              maxLength={LONGEST_TITLE}
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <Select
              label="For how long"
              allowDeselect={false}
              data={LIVES}
              value={life}
              onChange={(value) => setLife(value ?? USUAL)}
            />
          </Grid.Col>
        </Grid>
        <LevelField value={level} onChange={setLevel} />
        {level === "view" && <PortsField workspace={workspace} value={ports} onChange={setPorts} />}
        {make.isError && <QueryProblem error={make.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            {level === "edit" ? "Make a link for editing…" : "Make a guest link"}
          </Button>
        </Group>
      </Stack>
      <EditDialog
        workspace={workspace}
        receiver="whoever has the link"
        opened={asking}
        onClose={() => setAsking(false)}
        onGive={send}
      />
    </form>
  );
}
