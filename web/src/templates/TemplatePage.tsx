import { Button, Code, Grid, Group, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { answer, api } from "~/api/client";
import type { TemplateDetail } from "~/api/types";
import { Facts } from "~/design/Facts";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { formatBytes } from "~/design/size";
import { formatSeconds } from "~/design/time";
import { usePageTitle } from "~/design/usePageTitle";
import { Section } from "~/design/Section";
import detail from "~/detail/DetailPage.module.css";
import { shown, titleOf, withTitles } from "./parameters";
import { forWhom, templatePath, templateQuery, templatesKey, templateTitle } from "./queries";
import { sizeWords } from "./sizes";
import { TemplateIcon } from "./TemplateIcon";
import { TemplateMarks } from "./TemplatesPage";
import { VersionTable } from "./VersionTable";
import classes from "./templates.module.css";

/** One template: what it is for, what it asks, its versions. */
export function TemplatePage() {
  const { name = "" } = useParams();
  const [search] = useSearchParams();
  const query = useQuery(templateQuery(name, search.get("project") ?? "", search.get("version") ?? ""));
  const template = query.data;
  usePageTitle(template ? templateTitle(template) : "Template");
  return (
    <>
      <Link to="/templates" className={detail.crumb}>
        <ChevronLeft size={15} aria-hidden="true" />
        Templates
      </Link>
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton h={320} radius="lg" />}
      {template && (
        <>
          <TemplateHeader template={template} />
          <TemplateBody template={template} />
        </>
      )}
    </>
  );
}

function TemplateHeader({ template }: { template: TemplateDetail }) {
  const [removing, setRemoving] = useState(false);
  const isNewest = template.version === template.newest;
  const page = templatePath(template, "new");
  const versioned = `${page}${page.includes("?") ? "&" : "?"}version=${template.version}`;
  return (
    <header className={classes.header}>
      <div className={classes.head}>
        <TemplateIcon icon={template.icon} size="lg" />
        <div>
          <Title order={1} className={classes.title}>
            {templateTitle(template)}
          </Title>
          <Group gap={8} mt={4}>
            <Text size="sm" c="dimmed">
              {forWhom(template)} · version {template.version}
              {!isNewest && `, the newest is ${template.newest}`}
            </Text>
            <TemplateMarks withdrawn={template.withdrawn} problem={template.problem} />
          </Group>
        </div>
      </div>
      <div className={detail.actions}>
        {template.may.includes("use") && !template.withdrawn && (
          <Button
            component={Link}
            to={isNewest ? page : versioned}
            leftSection={<Plus size={16} aria-hidden="true" />}
          >
            New workspace
          </Button>
        )}
        {template.may.includes("manage") && (
          <Button
            variant="default"
            leftSection={<Trash2 size={15} aria-hidden="true" />}
            onClick={() => setRemoving(true)}
          >
            Delete…
          </Button>
        )}
      </div>
      <RemoveDialog template={template} opened={removing} onClose={() => setRemoving(false)} />
    </header>
  );
}

function TemplateBody({ template }: { template: TemplateDetail }) {
  const { problem, description, notices, parameters } = template;
  return (
    <Stack gap="lg">
      {problem !== "" && (
        <ProblemBox
          tone="warning"
          title={template.withdrawn ? "It is withdrawn" : "The newest state of its folder could not be read"}
          detail={problem}
        />
      )}
      {notices.map((notice) => (
        <ProblemBox key={notice} tone="warning" title="To be known" detail={notice} />
      ))}
      {description && <Text>{description}</Text>}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <Section title="What it makes">
            <About template={template} />
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 6 }}>
          <Section title="Sizes">
            <Sizes template={template} />
          </Section>
        </Grid.Col>
      </Grid>
      {parameters.length > 0 && (
        <Section title="What is asked">
          <Parameters template={template} />
        </Section>
      )}
      {template.files.length > 0 && (
        <Section title="Files">
          <Facts rows={template.files.map(({ path, size }) => [path, formatBytes(size)] as const)} />
        </Section>
      )}
      <Section title="Versions">
        <VersionTable template={template} />
      </Section>
    </Stack>
  );
}

function About({ template }: { template: TemplateDetail }) {
  const { policy, grants, update, commit, folder, workspaces } = template;
  const idle = [
    policy.ttl_seconds !== null && formatSeconds(policy.ttl_seconds),
    policy.ttl_min_seconds !== null && `at least ${formatSeconds(policy.ttl_min_seconds)}`,
    policy.ttl_max_seconds !== null && `at most ${formatSeconds(policy.ttl_max_seconds)}`,
  ];
  const devcontainer = saidIn(template, template.workspace.devcontainer);
  return (
    <Facts
      rows={[
        ["Source", saidIn(template, template.workspace.source) || "as you say"],
        ["Image", imageOf(template)],
        ["Configuration", devcontainer || (template.has_configuration ? "its own devcontainer.json" : "")],
        ["When idle for", idle.filter(Boolean).join(", ")],
        ["Longest life", policy.max_life_seconds === null ? "" : formatSeconds(policy.max_life_seconds)],
        ["Beyond the policy", grants.join(", ")],
        ["Newer versions", update === "at_start" ? "taken at the next start" : "taken when somebody says so"],
        ["Folder", folder && <Code>{folder}</Code>],
        ["Commit", commit && <Code>{commit.slice(0, 12)}</Code>],
        ["Workspaces of it", workspaces > 0 ? `${workspaces} that you may see` : ""],
        ["Changed", <Changed key="changed" template={template} />],
      ]}
    />
  );
}

function saidIn({ parameters }: TemplateDetail, value: unknown): string {
  return typeof value === "string" ? withTitles(parameters, value) : "";
}

function imageOf(template: TemplateDetail): string {
  const image = template.workspace.container_image;
  const isMade = typeof image === "object" && image !== null && "name" in image;
  return isMade ? `${saidIn(template, image.name)}, made for it` : saidIn(template, image);
}

function Changed({ template: { updated_at, updated_by } }: { template: TemplateDetail }) {
  return (
    <>
      <Moment at={updated_at} />
      {updated_by && ` by ${updated_by}`}
    </>
  );
}

function Sizes({ template: { sizes, ceiling } }: { template: TemplateDetail }) {
  const rows = Object.entries(sizes).map(([name, size]) => [name, sizeWords(size)] as const);
  if (rows.length === 0 && !ceiling) {
    return (
      <Text size="sm" c="dimmed">
        As the limits allow.
      </Text>
    );
  }
  return <Facts rows={[...rows, ["At most", ceiling ? sizeWords(ceiling) : ""]]} />;
}

function Parameters({ template: { parameters } }: { template: TemplateDetail }) {
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Parameter</Table.Th>
            <Table.Th>Default</Table.Th>
            <Table.Th visibleFrom="xs">Later</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {parameters.map((parameter) => (
            <Table.Tr key={parameter.name}>
              <Table.Td>
                {titleOf(parameter)} <Code>{parameter.name}</Code>
                {parameter.description && (
                  <Text size="xs" c="dimmed">
                    {parameter.description}
                  </Text>
                )}
                {parameter.type === "choice" && (
                  <Text size="xs" c="dimmed">
                    One of {parameter.choices.join(", ")}.
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                {parameter.default === null
                  ? "needed"
                  : shown(parameter.default) || (
                      <Text span c="dimmed" inherit>
                        empty
                      </Text>
                    )}
              </Table.Td>
              <Table.Td visibleFrom="xs">{parameter.mutable ? "may be changed" : "stays"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RemoveDialogProps {
  template: TemplateDetail;
  opened: boolean;
  onClose: () => void;
}

function RemoveDialog({ template, opened, onClose }: RemoveDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name, project } = template;
  const remove = useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/v1/templates/{name}", { params: { path: { name }, query: { project } } })),
    onSuccess: () => {
      tellDone(`The template ${templateTitle(template)} is deleted.`);
      void navigate("/templates");
      void client.invalidateQueries({ queryKey: [...templatesKey, "list"] });
    },
    onError: tellProblem,
    onSettled: onClose,
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${templateTitle(template)}?`}>
      <Text size="sm">
        It leaves the catalog with all its versions. Workspaces that were made of it go on as they are.
        {template.repository_id && " Its repository brings it back at the next synchronisation."}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button color="brick" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
