import { Button, Card, Grid, Group, Skeleton, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { Preferences } from "~/api/types";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { preferencesKey, preferencesQuery } from "./queries";

/** A repository of one's own settings, brought into the home of each workspace. */
export function Dotfiles() {
  const query = useQuery(preferencesQuery);
  return (
    <Card component="section" aria-label="Dotfiles">
      <Text fw={600} mb={4}>
        Dotfiles
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        Cloned into the home of each workspace and installed there, once; a failure holds nothing up.
      </Text>
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data && <DotfilesForm preferences={query.data} />}
    </Card>
  );
}

function DotfilesForm({ preferences }: { preferences: Preferences }) {
  const client = useQueryClient();
  const { repository, target, command } = preferences.dotfiles;
  const form = useForm({ initialValues: { repository, target, command } });
  const store = useMutation({
    mutationFn: (dotfiles: typeof form.values) =>
      answer(api.PUT("/api/v1/preferences", { body: { ...preferences, dotfiles } })),
    onSuccess: (stored) => {
      client.setQueryData(preferencesKey, stored);
      form.setValues(stored.dotfiles);
      tellDone(
        stored.dotfiles.repository
          ? "Workspaces get them when they start."
          : "No workspace gets dotfiles from now on.",
      );
    },
    onError: (error) => {
      const problem = asProblem(error);
      form.setFieldError(
        "repository",
        [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" "),
      );
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => store.mutate(values))}>
      <Grid gap="md">
        <Grid.Col span={12}>
          <TextInput
            label="Repository"
            placeholder="owner/dotfiles, or a git address; empty: none"
            spellCheck={false}
            autoCapitalize="none"
            {...form.getInputProps("repository")}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput label="Folder" spellCheck={false} {...form.getInputProps("target")} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput
            label="Install command"
            placeholder="install.sh and its like, else links"
            spellCheck={false}
            {...form.getInputProps("command")}
          />
        </Grid.Col>
      </Grid>
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={store.isPending}>
          Save
        </Button>
      </Group>
    </form>
  );
}
