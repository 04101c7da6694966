import { Badge, Button, Card, Group, SegmentedControl, Skeleton, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { GitBranch, LayoutTemplate, Search } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Template } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { HintText } from "~/design/HintText";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { projectsQuery } from "~/projects/queries";
import { sessionQuery } from "~/session/queries";
import { forWhom, shelves, templatePath, templatesQuery, templateTitle } from "./queries";
import { TemplateIcon } from "./TemplateIcon";
import classes from "./templates.module.css";

/** Every template that somebody may see, to begin a workspace with. */
export function TemplatesPage() {
  usePageTitle("Templates");
  const query = useQuery(templatesQuery);
  const manages = shelves(useQuery(sessionQuery).data, useQuery(projectsQuery).data?.items).length > 0;
  const [text, setText] = useState("");
  const [project, setProject] = useState(ALL);
  const all = query.data?.items ?? [];
  const projects = [...new Set(all.map((template) => template.project))].sort();
  const shown = all.filter(
    (template) => (project === ALL || template.project === project) && isAbout(template, text),
  );
  return (
    <>
      <Group justify="space-between" mb="lg">
        <Title order={1}>Templates</Title>
        {manages && (
          <Button
            component={Link}
            to="/template-repositories"
            variant="default"
            leftSection={<GitBranch size={16} aria-hidden="true" />}
          >
            Repositories
          </Button>
        )}
      </Group>
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Cards waiting />}
      {query.isSuccess && all.length === 0 && <NoTemplates manages={manages} />}
      {all.length > 0 && (
        <>
          <div className={classes.tools}>
            <TextInput
              type="search"
              aria-label="Search by name or description"
              placeholder="Search by name or description"
              leftSection={<Search size={16} aria-hidden="true" />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {projects.length > 1 && projects.length <= MOST_TABS && (
              <SegmentedControl
                aria-label="Show"
                data={[
                  { value: ALL, label: "All" },
                  ...projects.map((value) => ({ value, label: value || "Everybody's" })),
                ]}
                value={project}
                onChange={setProject}
              />
            )}
          </div>
          {shown.length === 0 ? (
            <Card>
              <EmptyState
                icon={<Search size={32} strokeWidth={1.4} />}
                title="None of that kind"
                text="No template matches what you are looking for."
              >
                <Button
                  variant="default"
                  onClick={() => {
                    setText("");
                    setProject(ALL);
                  }}
                >
                  Show all
                </Button>
              </EmptyState>
            </Card>
          ) : (
            <ul className={classes.cards} aria-label="Templates">
              {shown.map((template) => (
                <li key={`${template.project}/${template.name}`}>
                  <TemplateCard template={template} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </>
  );
}

/** No project has this name. */
const ALL = "*";
const MOST_TABS = 4;

function isAbout({ name, title, description, project }: Template, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const about = `${name} ${title} ${description} ${project}`.toLowerCase();
  return words.every((word) => about.includes(word));
}

function TemplateCard({ template }: { template: Template }) {
  const { description, icon, withdrawn, problem, may } = template;
  const title = templateTitle(template);
  return (
    <Card className={classes.card}>
      <div className={classes.head}>
        <TemplateIcon icon={icon} />
        <div>
          <Link to={templatePath(template)} className={classes.name}>
            {title}
          </Link>
          <div className={classes.whose}>
            {forWhom(template)} · version {template.version}
          </div>
        </div>
      </div>
      <div className={classes.about}>{description}</div>
      <div className={classes.foot}>
        <Group gap={6}>
          <TemplateMarks withdrawn={withdrawn} problem={problem} />
        </Group>
        {may.includes("use") && !withdrawn && (
          <Button
            component={Link}
            to={templatePath(template, "new")}
            size="xs"
            variant="light"
            aria-label={`New workspace from ${title}`}
          >
            Use it
          </Button>
        )}
      </div>
    </Card>
  );
}

/** What there is to know of a template before it is used. */
export function TemplateMarks({ withdrawn, problem }: Pick<Template, "withdrawn" | "problem">) {
  return (
    <>
      {withdrawn && (
        <Badge color="gray" variant="light" tt="none" title="New workspaces cannot be made of it.">
          withdrawn
        </Badge>
      )}
      {problem !== "" && (
        <Badge color="amber" variant="light" tt="none" title={problem}>
          not up to date
        </Badge>
      )}
    </>
  );
}

function Cards({ waiting }: { waiting: boolean }) {
  return (
    <div className={classes.cards} aria-busy={waiting}>
      {[0, 1, 2].map((index) => (
        <Card key={index} className={classes.card}>
          <div className={classes.head}>
            <Skeleton h={40} w={40} />
            <Skeleton h={16} w="50%" />
          </div>
          <Skeleton h={12} />
          <Skeleton h={12} w="70%" />
        </Card>
      ))}
    </div>
  );
}

function NoTemplates({ manages }: { manages: boolean }) {
  return (
    <Card>
      <EmptyState
        icon={<LayoutTemplate size={34} strokeWidth={1.4} />}
        title="The catalog is empty"
        text={
          <HintText>
            {manages
              ? "A template says what a workspace is made of, and what people choose. Write one with `carrel template init` and put it here with `carrel template push`, or name a git repository that has some."
              : "Templates that your projects offer are shown here. Until there are some, begin with a git repository."}
          </HintText>
        }
      >
        {manages ? (
          <Button component={Link} to="/template-repositories">
            Add a repository
          </Button>
        ) : (
          <Button component={Link} to="/new">
            New workspace
          </Button>
        )}
      </EmptyState>
    </Card>
  );
}
