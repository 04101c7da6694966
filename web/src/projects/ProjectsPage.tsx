import { Badge, Button, Card, Group, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import type { Project } from "~/api/types";
import { placeProblem } from "~/design/fieldProblem";
import { tellDone } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { sessionQuery } from "~/session/queries";
import classes from "./ProjectsPage.module.css";
import { projectKeys, projectsQuery } from "./queries";
import { managesProjects, whatYouAre } from "./rights";

/** The projects that somebody knows of. */
export function ProjectsPage() {
  usePageTitle("Projects");
  const query = useQuery(projectsQuery);
  const manages = managesProjects(useQuery(sessionQuery).data);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Title order={1}>Projects</Title>
        {manages && !adding && (
          <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            New project
          </Button>
        )}
      </Group>
      <Text c="dimmed" mb="lg">
        Who works together, under which limits. Everybody belongs to the default project.
      </Text>
      <Stack gap="lg">
        {adding && (
          <Card component="section" aria-label="New project">
            <NewProject onDone={() => setAdding(false)} />
          </Card>
        )}
        {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
        {!query.isError && (
          <Card padding={0} component="section" aria-label="Projects" aria-busy={query.isPending}>
            {query.isPending && <Skeleton h={160} />}
            <ul className={classes.projects}>
              {query.data?.items.map((project) => (
                <ProjectRow key={project.name} project={project} />
              ))}
            </ul>
          </Card>
        )}
      </Stack>
    </>
  );
}

function ProjectRow({ project }: { project: Project }) {
  const you = whatYouAre(project);
  return (
    <li className={classes.project}>
      <div className={classes.what}>
        <Link to={`/projects/${project.name}`} className={classes.name}>
          {project.name}
        </Link>
        {project.description && (
          <Text size="sm" c="dimmed">
            {project.description}
          </Text>
        )}
      </div>
      {you && (
        <Badge color="gray" variant="light" tt="none" fw={550}>
          You: {you}
        </Badge>
      )}
    </li>
  );
}

const FIELDS = ["name", "description"] as const;

function NewProject({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({ initialValues: { name: "", description: "" } });
  const make = useMutation({
    mutationFn: ({ name, description }: typeof form.values) =>
      answer(api.POST("/api/v1/projects", { body: { name: name.trim(), description: description.trim() } })),
    onSuccess: async (project) => {
      client.setQueryData(projectKeys.one(project.name), project);
      void client.invalidateQueries({ queryKey: projectKeys.list });
      tellDone(`${project.name} is there. Say who is a member.`);
      await navigate(`/projects/${project.name}`);
    },
  });
  const placed = make.isError ? placeProblem(make.error, FIELDS) : undefined;
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Small letters, digits, single hyphens."
          required
          data-autofocus
          spellCheck={false}
          autoCapitalize="none"
          {...form.getInputProps("name")}
          error={placed?.field === "name" && placed.text}
        />
        <TextInput
          label="Description"
          {...form.getInputProps("description")}
          error={placed?.field === "description" && placed.text}
        />
        {placed && !placed.field && <ProblemBox title="The project was not made" detail={placed.text} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={form.values.name.trim() === ""}>
            Make the project
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
