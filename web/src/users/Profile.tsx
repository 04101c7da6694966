import { Button, Card, Grid, Group, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { User } from "~/api/types";
import { placeProblem } from "~/design/fieldProblem";
import { tellDone, tellProblem } from "~/design/notices";
import { usersKey } from "./queries";

const FIELDS = ["full_name", "email"] as const;

/** What a person is called besides. */
export function Profile({ user, canChange }: { user: User; canChange: boolean }) {
  const client = useQueryClient();
  const form = useForm({ initialValues: { full_name: user.full_name, email: user.email } });
  const store = useMutation({
    mutationFn: (body: typeof form.values) =>
      answer(api.PATCH("/api/v1/users/{user}", { params: { path: { user: user.id } }, body })),
    onSuccess: ({ name, full_name, email }) => {
      form.setValues({ full_name, email });
      form.resetDirty({ full_name, email });
      tellDone(`The profile of ${name} is stored.`);
    },
    onError: (error) => {
      const { field, text } = placeProblem(error, FIELDS);
      if (field) form.setFieldError(field, text);
      else tellProblem(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: usersKey }),
  });
  return (
    <Card component="section" aria-label="Profile">
      <Text fw={600} mb="md">
        Profile
      </Text>
      <form onSubmit={form.onSubmit((values) => store.mutate(values))} noValidate>
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput
              label="Full name"
              autoComplete="off"
              readOnly={!canChange}
              {...form.getInputProps("full_name")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput
              label="E-mail address"
              type="email"
              autoComplete="off"
              spellCheck={false}
              readOnly={!canChange}
              {...form.getInputProps("email")}
            />
          </Grid.Col>
        </Grid>
        {canChange && (
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={store.isPending} disabled={!form.isDirty()}>
              Save
            </Button>
          </Group>
        )}
      </form>
    </Card>
  );
}
