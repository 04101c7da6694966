import {
  ActionIcon,
  Button,
  Card,
  Group,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, Pencil, ScrollText } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { Project } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { placeProblem } from "~/design/fieldProblem";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import classes from "~/detail/DetailPage.module.css";
import { LimitsCard } from "~/limits/LimitsCard";
import { sessionQuery } from "~/session/queries";
import { Members } from "./Members";
import { PolicyCard } from "./PolicyCard";
import { ProjectSecrets } from "./ProjectSecrets";
import { projectKeys, projectLimitsQuery, projectQuery } from "./queries";
import { DEFAULT_PROJECT, managesProjects, readsAuditOf, whatYouAre } from "./rights";

/** One project: who is a member, what it may have, and how long its workspaces stay. */
export function ProjectPage() {
  const { project: name = "" } = useParams();
  usePageTitle(name);
  const query = useQuery(projectQuery(name));
  const session = useQuery(sessionQuery).data;
  const manages = managesProjects(session);
  // Whoever is no member any more does not know of it.
  const isGone = query.isError && asProblem(query.error).status === 404;
  const project = isGone ? undefined : query.data;
  return (
    <>
      <Link to="/projects" className={classes.crumb}>
        <ChevronLeft size={15} aria-hidden="true" />
        Projects
      </Link>
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton h={240} radius="lg" />}
      {project && (
        <>
          <header className={classes.header}>
            <div>
              <Title order={1} className={classes.title}>
                {project.name}
              </Title>
              <Description key={project.description} project={project} canChange={manages} />
            </div>
            {readsAuditOf(session, project) && (
              <Button
                component={Link}
                to={`/audit?project=${encodeURIComponent(project.name)}`}
                variant="default"
                leftSection={<ScrollText size={16} aria-hidden="true" />}
              >
                Audit
              </Button>
            )}
          </header>
          <Stack gap="lg">
            <Members project={project} />
            <ProjectSecrets project={project} />
            <ProjectLimits project={project} canChange={manages} />
            <PolicyCard project={project} canChange={manages} />
            {manages && project.name !== DEFAULT_PROJECT && <DeleteCard project={project} />}
          </Stack>
        </>
      )}
    </>
  );
}

function Description({ project, canChange }: { project: Project; canChange: boolean }) {
  const [changing, setChanging] = useState(false);
  const you = whatYouAre(project);
  if (changing) return <DescriptionForm project={project} onDone={() => setChanging(false)} />;
  return (
    <div className={classes.state}>
      <span>{project.description || (canChange ? "No description yet" : "")}</span>
      {canChange && (
        <Tooltip label="Change the description">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label="Change the description"
            onClick={() => setChanging(true)}
          >
            <Pencil size={14} />
          </ActionIcon>
        </Tooltip>
      )}
      {you && <span>You: {you}</span>}
    </div>
  );
}

function DescriptionForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const client = useQueryClient();
  const form = useForm({ initialValues: { description: project.description } });
  const store = useMutation({
    mutationFn: ({ description }: typeof form.values) =>
      answer(
        api.PATCH("/api/v1/projects/{project}", {
          params: { path: { project: project.name } },
          body: { description: description.trim() },
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(projectKeys.one(project.name), changed);
      void client.invalidateQueries({ queryKey: projectKeys.list });
      onDone();
    },
    onError: (error) => form.setFieldError("description", placeProblem(error, ["description"]).text),
  });
  return (
    <form onSubmit={form.onSubmit((values) => store.mutate(values))}>
      <Group gap="sm" align="flex-start" mt={6}>
        <TextInput
          aria-label="Description"
          placeholder="What it is for"
          w={{ base: "100%", xs: 360 }}
          data-autofocus
          {...form.getInputProps("description")}
        />
        <Button type="submit" loading={store.isPending}>
          Save
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}

function ProjectLimits({ project, canChange }: { project: Project; canChange: boolean }) {
  const client = useQueryClient();
  const params = { path: { project: project.name } };
  return (
    <LimitsCard
      about="What all workspaces of the project may have together."
      query={useQuery(projectLimitsQuery(project.name))}
      canChange={canChange}
      store={async (body) => {
        const stored = await answer(api.PUT("/api/v1/projects/{project}/limits", { params, body }));
        client.setQueryData(projectKeys.limits(project.name), stored);
      }}
    />
  );
}

function DeleteCard({ project }: { project: Project }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/v1/projects/{project}", { params: { path: { project: project.name } } })),
    onSuccess: async () => {
      tellDone(`${project.name} is deleted.`);
      await navigate("/projects");
      client.removeQueries({ queryKey: projectKeys.one(project.name) });
      void client.invalidateQueries({ queryKey: projectKeys.list });
    },
  });
  return (
    <Card component="section" aria-label="Delete the project">
      <Stack gap="md">
        <Group justify="space-between" gap="md">
          <div style={{ flex: "1 1 16rem" }}>
            <Text fw={600}>Delete the project</Text>
            <Text size="sm" c="dimmed">
              Possible where nothing is left in it: no workspace, not in the trash either, and no secret.
            </Text>
          </div>
          <Button variant="light" color="brick" loading={remove.isPending} onClick={() => setAsking(true)}>
            Delete…
          </Button>
        </Group>
        {remove.isError && <QueryProblem error={remove.error} />}
      </Stack>
      <ConfirmDialog
        opened={asking}
        title={`Delete ${project.name}?`}
        keepLabel="Keep it"
        doLabel="Delete"
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate()}
      >
        Its members, limits and policy are gone with it.
      </ConfirmDialog>
    </Card>
  );
}
