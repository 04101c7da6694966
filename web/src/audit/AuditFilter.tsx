import { Autocomplete, Button, Card, Grid, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { projectsQuery } from "~/projects/queries";
import { DOMAINS } from "~/projects/rights";
import { usersQuery } from "~/users/queries";
import { readFilter, writeFilter, type Filter } from "./filter";

interface AuditFilterProps {
  filter: Filter;
  onChange: (changed: Partial<Filter>) => void;
  onClear: () => void;
}

const OUTCOMES = [
  { value: "", label: "All" },
  { value: "done", label: "Done" },
  { value: "refused", label: "Refused" },
];
/** All of a kind end with a dot; single actions can be typed. */
const KINDS = [
  "app.",
  "git_credential.",
  "image.",
  "invite.",
  "login_link.",
  "member.",
  "password.",
  "project.",
  "request.",
  "secret.",
  "session.",
  "ssh.",
  "ssh_key.",
  "template.",
  "token.",
  "user.",
  "workspace.",
];

/** What is looked for. Choices apply at once, typed text when it is complete. */
export function AuditFilter({ filter, onChange, onClear }: AuditFilterProps) {
  const form = useForm({ initialValues: filter });
  const { setValues } = form;
  const text = writeFilter(filter).toString();
  useEffect(() => {
    // The address changed: by a way of its own, by going back, or by this form.
    setValues(readFilter(new URLSearchParams(text)));
  }, [text, setValues]);
  const people = useQuery(usersQuery).data?.items ?? [];
  const projects = useQuery(projectsQuery).data?.items ?? [];
  return (
    <Card component="section" aria-label="What is looked for" mb="lg">
      <form onSubmit={form.onSubmit(onChange)}>
        <Grid gap="sm">
          <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
            <Autocomplete
              label="Who"
              placeholder="Anybody"
              data={people.map(({ name }) => name)}
              limit={20}
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("actor")}
              onOptionSubmit={(actor) => onChange({ ...form.values, actor })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
            <Autocomplete
              label="What"
              placeholder="workspace. or secret.stored"
              data={KINDS}
              limit={20}
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("action")}
              onOptionSubmit={(action) => onChange({ ...form.values, action })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
            <TextInput
              label="On workspace"
              placeholder="OWNER/NAME"
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("workspace")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
            <Select
              label="In project"
              placeholder="All"
              clearable
              searchable
              data={[...new Set([...projects.map(({ name }) => name), filter.project].filter(Boolean))]}
              value={filter.project || null}
              onChange={(project) => onChange({ ...form.values, project: project ?? "" })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 6, xs: 6, md: 3 }}>
            <Select
              label="Domain"
              placeholder="All"
              clearable
              data={[...DOMAINS]}
              value={filter.domain || null}
              onChange={(domain) => onChange({ ...form.values, domain: domain ?? "" })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 6, xs: 6, md: 3 }}>
            <TextInput
              label="On anything else"
              placeholder="project:NAME"
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("subject")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 6, xs: 6, md: 3 }}>
            <TextInput type="date" label="From" {...form.getInputProps("since")} />
          </Grid.Col>
          <Grid.Col span={{ base: 6, xs: 6, md: 3 }}>
            <TextInput type="date" label="Up to" {...form.getInputProps("until")} />
          </Grid.Col>
        </Grid>
        <Group justify="space-between" gap="sm" mt="md">
          <SegmentedControl
            aria-label="How it ended"
            size="sm"
            data={OUTCOMES}
            value={filter.outcome}
            onChange={(outcome) => onChange({ ...form.values, outcome })}
          />
          <Group gap="sm">
            {text !== "" && (
              <Button variant="default" onClick={onClear}>
                Show all
              </Button>
            )}
            <Button type="submit">Look</Button>
          </Group>
        </Group>
      </form>
    </Card>
  );
}
