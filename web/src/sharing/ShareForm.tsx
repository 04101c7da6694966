import { Autocomplete, Button, Group, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import type { Level, Workspace } from "~/api/types";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { usersQuery } from "~/users/queries";
import { EditDialog } from "./EditDialog";
import { LevelField } from "./LevelField";
import { portsFrom } from "./ports";
import { PortsField } from "./PortsField";
import { useGiving } from "./useGiving";

const DAY = 86_400;
const LIVES = [
  { value: "", label: "Until it is taken away" },
  { value: `${2 * 3600}`, label: "2 hours" },
  { value: `${DAY}`, label: "A day" },
  { value: `${7 * DAY}`, label: "7 days" },
  { value: `${30 * DAY}`, label: "30 days" },
];

/** Gives a workspace to a user of the server. */
export function ShareForm({ workspace, onDone }: { workspace: Workspace; onDone: () => void }) {
  const users = useQuery(usersQuery).data?.items ?? [];
  const names = users
    .filter(({ name, disabled }) => !disabled && name !== workspace.owner)
    .map(({ name }) => name);
  const [user, setUser] = useState("");
  const [level, setLevel] = useState<Level>("view");
  const [ports, setPorts] = useState<string[]>([]);
  const [life, setLife] = useState("");
  const [asking, setAsking] = useState(false);
  const give = useGiving(workspace.id);

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (level === "edit") setAsking(true);
    else send();
  }

  function send() {
    setAsking(false);
    const body = {
      user: user.trim(),
      level,
      ports: level === "view" ? portsFrom(ports) : [],
      ...(life ? { expires_in_seconds: Number(life) } : {}),
    };
    give.mutate(body, {
      onSuccess: () => {
        tellDone(`${body.user} has ${workspace.name} in the list of workspaces now.`);
        onDone();
      },
    });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md" pb="lg">
        <Autocomplete
          label="User name"
          required
          data-autofocus
          spellCheck={false}
          autoCapitalize="none"
          data={names}
          value={user}
          onChange={setUser}
        />
        <LevelField value={level} onChange={setLevel} />
        {level === "view" && <PortsField workspace={workspace} value={ports} onChange={setPorts} />}
        <Select
          label="For how long"
          allowDeselect={false}
          data={LIVES}
          value={life}
          onChange={(value) => setLife(value ?? "")}
        />
        {give.isError && <QueryProblem error={give.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={give.isPending} disabled={user.trim() === ""}>
            {level === "edit" ? "Share for editing…" : "Share"}
          </Button>
        </Group>
      </Stack>
      <EditDialog
        workspace={workspace}
        receiver={user.trim()}
        opened={asking}
        onClose={() => setAsking(false)}
        onGive={send}
      />
    </form>
  );
}
