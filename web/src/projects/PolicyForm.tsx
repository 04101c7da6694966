import { Autocomplete, Chip, Grid, Group, Input, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { ProjectPolicy } from "~/api/types";
import { placeProblem } from "~/design/fieldProblem";
import { tellDone } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { FormButtons } from "~/design/FormButtons";
import {
  DAYS,
  DURATIONS,
  inputOf,
  isDuration,
  isOwn,
  typedAs,
  valuesOf,
  WEEK,
  wrongDays,
  wrongDuration,
  type Days,
  type Duration,
} from "./policyValues";
import { projectKeys } from "./queries";

interface PolicyFormProps {
  policy: ProjectPolicy;
  onDone: () => void;
}

const LABELS: Record<Duration | Days, readonly [label: string, description: string]> = {
  ttl_seconds: ["Stops when idle for", "Where a workspace asks for nothing."],
  ttl_min_seconds: ["Shortest idle time", "That a workspace may ask for."],
  ttl_max_seconds: ["Longest idle time", "That a workspace may ask for."],
  max_life_seconds: ["Longest life of one start", "Where a workspace asks for nothing."],
  hard_life_seconds: ["Longest with extensions", "However often somebody asks."],
  archive_after_days: ["Archived after", "Days at rest; 0: never."],
  delete_after_days: ["To the trash after", "Days at rest; 0: never."],
  trash_days: ["Kept in the trash for", "Days."],
};
/** At the start, which is the first field of a schedule, is said what is wrong with it. */
const PLACES = [...DURATIONS, ...DAYS, "schedule"];
const ZONES = Intl.supportedValuesOf("timeZone");
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What a project chooses in the place of the settings; an empty field chooses nothing. */
export function PolicyForm({ policy, onDone }: PolicyFormProps) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: valuesOf(policy.chosen, OWN_ZONE),
    validate: {
      ...Object.fromEntries(DURATIONS.map((name) => [name, wrongDuration])),
      ...Object.fromEntries(DAYS.map((name) => [name, wrongDays])),
    },
  });
  const store = useMutation({
    mutationFn: (values: typeof form.values) =>
      answer(
        api.PUT("/api/v1/projects/{project}/policy", {
          params: { path: { project: policy.project } },
          body: inputOf(values),
        }),
      ),
    onSuccess: (stored) => {
      client.setQueryData(projectKeys.policy(policy.project), stored);
      tellDone("It is stored, and applies to the workspaces of the project at once.");
      onDone();
    },
    onError: (error) => {
      const { field, text } = placeProblem(error, PLACES);
      if (field) form.setFieldError(field === "schedule" ? "start" : field, text);
    },
  });
  const placed = store.isError ? placeProblem(store.error, PLACES) : undefined;
  const placeholder = (name: Duration | Days) => {
    if (isOwn(policy, name)) return "as the settings say";
    const now = policy.in_force[name];
    const text = isDuration(name) ? typedAs(name, now) : String(now);
    return `${text}, as the settings say`;
  };
  return (
    <form onSubmit={form.onSubmit((values) => store.mutate(values))} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Times as 30m, 8h or 1d, never, and none for no ceiling; an empty field leaves it to the settings.
        </Text>
        <Grid gap="md">
          {[...DURATIONS, ...DAYS].map((name) => (
            <Grid.Col key={name} span={{ base: 12, xs: 6, md: 4 }}>
              <TextInput
                label={LABELS[name][0]}
                description={LABELS[name][1]}
                placeholder={placeholder(name)}
                spellCheck={false}
                autoComplete="off"
                {...form.getInputProps(name)}
              />
            </Grid.Col>
          ))}
        </Grid>
        <Grid gap="md">
          <Grid.Col span={{ base: 6, md: 3 }}>
            <TextInput type="time" label="Starts at" {...form.getInputProps("start")} />
          </Grid.Col>
          <Grid.Col span={{ base: 6, md: 3 }}>
            <TextInput type="time" label="Stops at" {...form.getInputProps("stop")} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 6 }}>
            <Autocomplete
              label="Time zone"
              data={ZONES}
              limit={20}
              spellCheck={false}
              {...form.getInputProps("time_zone")}
            />
          </Grid.Col>
          <Grid.Col span={12}>
            <Input.Wrapper label="On these days" labelElement="div">
              <Chip.Group multiple {...form.getInputProps("days")}>
                <Group gap={6} mt={4}>
                  {WEEK.map(([day, label]) => (
                    <Chip key={day} value={day} size="xs">
                      {label}
                    </Chip>
                  ))}
                </Group>
              </Chip.Group>
            </Input.Wrapper>
          </Grid.Col>
        </Grid>
        {placed && !placed.field && <ProblemBox title="The policy was not stored" detail={placed.text} />}
        <FormButtons label="Save" onCancel={onDone} loading={store.isPending} />
      </Stack>
    </form>
  );
}
