import { Alert, Button, Group, Modal, Radio, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Port, Visibility } from "~/api/types";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { serverQuery } from "~/session/queries";
import { keys } from "~/workspaces/queries";
import { portTitle } from "./forwarding";
import { ceilingOf, isWithin, livesFor, VISIBILITIES } from "./visibility";

interface OpenToDialogProps {
  workspaceId: string;
  port: Port;
  /** May only take back what was opened. */
  onlyClose: boolean;
  onClose: () => void;
}

/** Who may open a port; what that means is said before anything is made public. */
export function OpenToDialog({ workspaceId, port, onlyClose, onClose }: OpenToDialogProps) {
  const client = useQueryClient();
  const ceiling = ceilingOf(useQuery(serverQuery).data);
  const [visibility, setVisibility] = useState<Visibility>(port.visibility);
  const lives = livesFor(visibility, ceiling);
  const [chosen, setChosen] = useState<string>();
  const usual = lives.find(({ value }) => value === `${8 * 3600}`) ?? lives[0];
  const life = lives.find(({ value }) => value === chosen) ?? (visibility === "project" ? lives[0] : usual);
  const open = useMutation({
    mutationFn: () =>
      answer(
        api.PUT("/api/v1/workspaces/{workspace}/ports/{port}", {
          params: { path: { workspace: workspaceId, port: `${port.port}` } },
          body: { visibility, expires_in_seconds: life?.value ? Number(life.value) : null },
        }),
      ),
    onSuccess: async (opening) => {
      await client.invalidateQueries({ queryKey: keys.ports(workspaceId) });
      tellDone(
        opening.visibility === "private"
          ? `${portTitle(port)} is private; what was open ends within seconds.`
          : `${portTitle(port)} is open: ${VISIBILITIES[opening.visibility].label.toLowerCase()}.`,
      );
      onClose();
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    open.mutate();
  }

  return (
    <Modal opened onClose={onClose} title={`Who may open ${portTitle(port)}?`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Radio.Group
            aria-label="Who may open it"
            value={visibility}
            onChange={(value) => {
              setVisibility(value);
              setChosen(undefined);
              open.reset();
            }}
          >
            <Stack gap="sm">
              {(Object.keys(VISIBILITIES) as Visibility[]).map((one) => {
                const refused = !isWithin(one, ceiling)
                  ? `An administrator allows ${VISIBILITIES[ceiling.visibility].label.toLowerCase()} at most.`
                  : onlyClose && one !== "private"
                    ? "Only its owner opens it."
                    : "";
                return (
                  <Radio
                    key={one}
                    value={one}
                    label={VISIBILITIES[one].label}
                    description={[VISIBILITIES[one].means, refused].filter(Boolean).join(" ")}
                    disabled={refused !== ""}
                  />
                );
              })}
            </Stack>
          </Radio.Group>
          {life && (
            <Select
              label="For how long"
              allowDeselect={false}
              data={lives}
              value={life.value}
              onChange={(value) => setChosen(value ?? undefined)}
              comboboxProps={{ withinPortal: true }}
            />
          )}
          {visibility === "public" && (
            <Alert color="amber" icon={<TriangleAlert size={18} aria-hidden="true" />} radius="md">
              <Text size="sm">
                Whoever has the address can use what runs on port {port.port}, without signing in and without
                being seen here. Debug pages, consoles and development servers often let visitors run code.
              </Text>
            </Alert>
          )}
          {open.isError && <QueryProblem error={open.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={open.isPending}
              {...(visibility === "public" ? { color: "amber.7" } : {})}
            >
              {visibility === "public" ? "Make it public" : "Save"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
