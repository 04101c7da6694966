import { Anchor, Badge, Button, Card, Code, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api } from "~/api/client";
import type { SyncedTemplate, TemplateRepository } from "~/api/types";
import { Facts } from "~/design/Facts";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { sourceLabel, sourceLink } from "~/workspaces/source";
import { repositoriesKey, templatePath, templatesKey } from "../queries";

interface RepositoryCardProps {
  repository: TemplateRepository;
  canManage: boolean;
}

/** One repository: when it was read, and what became of each of its folders. */
export function RepositoryCard({ repository, canManage }: RepositoryCardProps) {
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const { id, project, url, ref, folder, synced_at, commit, created_by, problem, templates } = repository;
  const source = { kind: "git", url, ref } as const;
  const label = sourceLabel(source);
  const link = sourceLink(source);
  const sync = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/template-repositories/{repository}/sync", { params: { path: { repository: id } } }),
      ),
    onSuccess: (synced) =>
      synced.problem ? undefined : tellDone(`${label} is read: ${summary(synced.templates)}.`),
    onError: tellProblem,
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: repositoriesKey });
      await client.invalidateQueries({ queryKey: templatesKey });
    },
  });
  return (
    <Card component="section" aria-label={label}>
      <Group justify="space-between" align="flex-start" mb="md" gap="sm">
        <Text fw={600} miw={0} style={{ overflowWrap: "anywhere" }}>
          {link ? (
            <Anchor href={link} target="_blank" rel="noopener noreferrer" inherit c="inherit">
              {label}
            </Anchor>
          ) : (
            label
          )}
        </Text>
        {canManage && (
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              leftSection={<RefreshCw size={14} aria-hidden="true" />}
              loading={sync.isPending}
              aria-label={`Read ${label} now`}
              onClick={() => sync.mutate()}
            >
              Read it now
            </Button>
            <Button
              size="xs"
              variant="light"
              color="brick"
              aria-label={`Remove ${label}`}
              onClick={() => setRemoving(true)}
            >
              Remove…
            </Button>
          </Group>
        )}
      </Group>
      <Stack gap="md">
        {problem !== "" && (
          <ProblemBox
            tone="warning"
            title="It could not be read; its templates stay as they are"
            detail={problem}
          />
        )}
        <Facts
          rows={[
            ["For", project ? `project ${project}` : "everybody"],
            ["Branch or tag", ref],
            ["Folder", folder && <Code>{folder}</Code>],
            ["Read", synced_at ? <Moment at={synced_at} /> : "being read"],
            ["Commit", commit && <Code>{commit.slice(0, 12)}</Code>],
            ["Added by", created_by],
          ]}
        />
        {templates.length > 0 && <Synced repository={repository} />}
        {templates.length === 0 && synced_at && problem === "" && (
          <Text size="sm" c="dimmed">
            No folder of it has a template.yaml.
          </Text>
        )}
      </Stack>
      <RemoveDialog
        repository={repository}
        label={label}
        opened={removing}
        onClose={() => setRemoving(false)}
      />
    </Card>
  );
}

const STATES: Record<SyncedTemplate["state"], { label: string; color: string }> = {
  new: { label: "new", color: "lamp" },
  updated: { label: "updated", color: "lamp" },
  same: { label: "as it was", color: "gray" },
  withdrawn: { label: "withdrawn", color: "amber" },
  refused: { label: "refused", color: "brick" },
};

function summary(templates: readonly SyncedTemplate[]): string {
  const counts = Object.entries(STATES)
    .map(([state, { label }]) => [templates.filter((one) => one.state === state).length, label] as const)
    .filter(([count]) => count > 0);
  return counts.map(([count, label]) => `${count} ${label}`).join(", ") || "no templates";
}

/** What the last reading made of each folder. */
function Synced({ repository: { project, templates } }: { repository: TemplateRepository }) {
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Template</Table.Th>
            <Table.Th visibleFrom="xs">Folder</Table.Th>
            <Table.Th visibleFrom="xs">Version</Table.Th>
            <Table.Th>At the last reading</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {templates.map(({ folder, name, version, state, problem }) => (
            <Table.Tr key={folder}>
              <Table.Td>
                {name && version ? (
                  <Anchor component={Link} to={templatePath({ name, project })} inherit>
                    {name}
                  </Anchor>
                ) : (
                  name || "—"
                )}
              </Table.Td>
              <Table.Td visibleFrom="xs">
                <Code>{folder || "."}</Code>
              </Table.Td>
              <Table.Td visibleFrom="xs">{version}</Table.Td>
              <Table.Td>
                <Badge color={STATES[state].color} variant="light" tt="none">
                  {STATES[state].label}
                </Badge>
                {problem !== "" && (
                  <Text size="xs" mt={4} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
                    {problem}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RemoveDialogProps {
  repository: TemplateRepository;
  label: string;
  opened: boolean;
  onClose: () => void;
}

function RemoveDialog({ repository, label, opened, onClose }: RemoveDialogProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/api/v1/template-repositories/{repository}", {
          params: { path: { repository: repository.id } },
        }),
      ),
    onSuccess: () => tellDone(`${label} is no longer read.`),
    onError: tellProblem,
    onSettled: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: repositoriesKey });
      await client.invalidateQueries({ queryKey: templatesKey });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Remove ${label}?`}>
      <Text size="sm">
        It is no longer read, and no new workspaces are made of its templates. Workspaces that there are go
        on.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button color="brick" loading={remove.isPending} onClick={() => remove.mutate()}>
          Remove
        </Button>
      </Group>
    </Modal>
  );
}
