import { Anchor, Button, Card, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { Facts } from "~/design/Facts";
import { ProblemBox } from "~/design/ProblemBox";
import { may } from "~/workspaces/rights";
import { shown } from "../parameters";
import { templatePath } from "../queries";
import { ParametersDialog } from "./ParametersDialog";
import { UpdateDialog } from "./UpdateDialog";

/** A newer version of the workspace's template, offered with what it changes. */
export function UpdateOffer({ workspace }: { workspace: Workspace }) {
  const [opened, setOpened] = useState(false);
  const { template, phase } = workspace;
  if (!template?.update_available || phase === "deleted" || phase === "deleting") return null;
  const { name, newest, update } = template;
  return (
    <ProblemBox
      tone="warning"
      title="There is a newer version of its template"
      hint={`Version ${newest} of ${name}; this workspace has version ${template.version}.${
        update === "at_start" ? " It is taken at the next start." : ""
      }`}
    >
      {may(workspace, "change") && (
        <>
          <Button size="xs" variant="default" onClick={() => setOpened(true)}>
            See what changes…
          </Button>
          <UpdateDialog
            workspace={workspace}
            template={template}
            opened={opened}
            onClose={() => setOpened(false)}
          />
        </>
      )}
    </ProblemBox>
  );
}

/** What the workspace was made of, and with which values. */
export function TemplateSection({ workspace }: { workspace: Workspace }) {
  const [opened, setOpened] = useState(false);
  const { template } = workspace;
  if (!template) return null;
  const use = workspace.definition?.template;
  const values = use?.parameters ?? {};
  const canChange = may(workspace, "change") && Object.keys(values).length > 0;
  return (
    <Card component="section" aria-label="Template">
      <Group justify="space-between" mb="md">
        <Text fw={600}>Template</Text>
        {canChange && (
          <Button size="xs" variant="default" onClick={() => setOpened(true)}>
            Change values…
          </Button>
        )}
      </Group>
      <Stack gap="md">
        <Facts
          rows={[
            [
              "Made of",
              <Anchor key="name" component={Link} to={templatePath(template)} size="sm">
                {template.name}
              </Anchor>,
            ],
            ["Version", `${template.version}${template.update_available ? ` of ${template.newest}` : ""}`],
            ["Size", use?.size],
            ...Object.entries(values).map(([name, value]) => [name, shown(value) || "empty"] as const),
          ]}
        />
        {template.withdrawn && (
          <Text size="sm" c="dimmed">
            The template is withdrawn: no new workspaces are made of it. This one goes on.
          </Text>
        )}
      </Stack>
      {canChange && (
        <ParametersDialog
          workspace={workspace}
          template={template}
          opened={opened}
          onClose={() => setOpened(false)}
        />
      )}
    </Card>
  );
}
