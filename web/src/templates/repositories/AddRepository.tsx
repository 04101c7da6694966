import { Card, Grid, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { GitBranch } from "lucide-react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { tellDone } from "~/design/notices";
import { ProblemBox } from "~/design/ProblemBox";
import { FormButtons } from "~/design/FormButtons";
import { problemWithAddress, readGitAddress } from "~/workspaces/source";
import { repositoriesKey, templatesKey, type Shelf } from "../queries";
import { atField, problemWithFolder } from "./form";

interface AddRepositoryProps {
  /** Where one may put templates. */
  where: readonly Shelf[];
  onDone: () => void;
}

/** Registers a repository; it is read at once. */
export function AddRepository({ where, onDone }: AddRepositoryProps) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { url: "", ref: "", folder: "", project: where[0]?.value ?? "" },
    validate: { url: (value) => problemWithAddress(value) ?? null, folder: problemWithFolder },
  });
  const add = useMutation({
    mutationFn: ({ url, ref, folder, project }: typeof form.values) =>
      answer(
        api.POST("/api/v1/template-repositories", {
          body: { url: url.trim(), ref: ref.trim(), folder: folder.trim(), project },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: repositoriesKey });
      void client.invalidateQueries({ queryKey: templatesKey });
      tellDone("The repository is added; its templates come as soon as it is read.");
      onDone();
    },
    onError: (error) => form.setErrors(atField(asProblem(error))),
  });
  const problem = add.error ? asProblem(add.error) : undefined;
  return (
    <Card component="section" aria-label="Add a repository">
      <form onSubmit={form.onSubmit((values) => add.mutate(values))} noValidate>
        <Stack gap="md">
          {problem && Object.keys(atField(problem)).length === 0 && (
            <ProblemBox title={problem.title} detail={problem.detail} hint={problem.hint} />
          )}
          <TextInput
            label="Git repository"
            placeholder="https://github.com/owner/templates"
            leftSection={<GitBranch size={16} aria-hidden="true" />}
            required
            data-autofocus
            spellCheck={false}
            autoCapitalize="none"
            {...form.getInputProps("url")}
            onChange={(event) => {
              const { url, ref } = readGitAddress(event.currentTarget.value);
              form.setFieldValue("url", url);
              if (ref) form.setFieldValue("ref", ref);
            }}
          />
          <Grid gap="md">
            <Grid.Col span={{ base: 12, xs: 4 }}>
              <TextInput
                label="Branch or tag"
                placeholder="the default branch"
                spellCheck={false}
                autoCapitalize="none"
                {...form.getInputProps("ref")}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 12, xs: 4 }}>
              <TextInput
                label="Folder"
                placeholder="the whole repository"
                spellCheck={false}
                autoCapitalize="none"
                {...form.getInputProps("folder")}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 12, xs: 4 }}>
              <NativeSelect label="For" data={[...where]} {...form.getInputProps("project")} />
            </Grid.Col>
          </Grid>
          <Text size="sm" c="dimmed">
            A private one is read with your git credential for its host.
          </Text>
          <FormButtons label="Add" onCancel={onDone} loading={add.isPending} />
        </Stack>
      </form>
    </Card>
  );
}
