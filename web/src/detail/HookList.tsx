import { Badge, Button, Card, Group, Table, Text, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "~/api/client";
import type { Hook, Workspace } from "~/api/types";
import { tellProblem } from "~/design/notices";
import { hooksQuery, keys } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";

/** While hooks run their state changes by itself; afterwards only when somebody asks. */
const RUNNING_REFRESH_MS = 1000;
const REFRESH_MS = 15_000;

const STATES: Record<Hook["state"], readonly [label: string, color: string]> = {
  pending: ["waits", "gray"],
  running: ["runs", "blue"],
  done: ["done", "green"],
  failed: ["failed", "brick"],
  skipped: ["left out", "gray"],
};

/** What became of each life-cycle hook, with a way to run a stage again. */
export function HookList({ workspace }: { workspace: Workspace }) {
  const query = useQuery({
    ...hooksQuery(workspace.id),
    refetchInterval: ({ state }) => (isBusy(state.data?.items ?? []) ? RUNNING_REFRESH_MS : REFRESH_MS),
  });
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: (stage: string) =>
      answer(
        api.POST("/api/v1/workspaces/{workspace}/hooks/{stage}/run", {
          params: { path: { workspace: workspace.id, stage } },
        }),
      ),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: keys.hooks(workspace.id) }),
  });
  const hooks = query.data?.items ?? [];
  if (hooks.length === 0) return null;
  const busy = isBusy(hooks);
  return (
    <Card component="section" aria-label="Hooks">
      <Text fw={600} mb="md">
        Hooks
      </Text>
      <Table.ScrollContainer minWidth={320}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Hook</Table.Th>
              <Table.Th visibleFrom="xs">From</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>
                <VisuallyHidden>Run again</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {hooks.map((hook, index) => (
              <Table.Tr key={`${hook.stage} ${hook.log} ${hook.name}`}>
                <Table.Td>{[hook.stage, hook.name].filter(Boolean).join(" ")}</Table.Td>
                <Table.Td visibleFrom="xs">{hook.origin}</Table.Td>
                <Table.Td>
                  <State hook={hook} />
                </Table.Td>
                <Table.Td ta="right">
                  {may(workspace, "operate") && hooks[index - 1]?.stage !== hook.stage && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      disabled={busy}
                      loading={again.isPending && again.variables === hook.stage}
                      aria-label={`Run ${hook.stage} again`}
                      onClick={() => again.mutate(hook.stage)}
                    >
                      Run again
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function State({ hook }: { hook: Hook }) {
  const [label, color] = STATES[hook.state];
  return (
    <Group gap="xs">
      <Badge color={color} variant="light">
        {label}
      </Badge>
      {hook.state === "failed" && (
        <Text size="xs" component={Link} to="log">
          {hook.detail || `exit code ${hook.exit_code ?? "unknown"}`}
        </Text>
      )}
    </Group>
  );
}

function isBusy(hooks: readonly Hook[]): boolean {
  return hooks.some(({ state }) => state === "running" || state === "pending");
}
