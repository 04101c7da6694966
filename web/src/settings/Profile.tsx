import { Button, Card, Grid, Group, Skeleton, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { User } from "~/api/types";
import { placeProblem } from "~/design/fieldProblem";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { usersKey } from "~/users/queries";
import { meKey, meQuery } from "./queries";

const FIELDS = ["full_name", "email"] as const;

/** What the signed-in person is called besides; git in their workspaces takes it from here. */
export function Profile() {
  const query = useQuery(meQuery);
  return (
    <Card component="section" aria-label="Profile">
      <Text fw={600} mb={4}>
        Profile
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        Who commits in your workspaces, from their next start on. Your own git configuration comes first.
      </Text>
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data && <ProfileForm me={query.data} />}
    </Card>
  );
}

function ProfileForm({ me }: { me: User }) {
  const client = useQueryClient();
  const form = useForm({ initialValues: { full_name: me.full_name, email: me.email } });
  const store = useMutation({
    mutationFn: (body: typeof form.values) => answer(api.PATCH("/api/v1/me", { body })),
    onSuccess: (stored) => {
      const { full_name, email } = stored;
      client.setQueryData(meKey, stored);
      form.setValues({ full_name, email });
      form.resetDirty({ full_name, email });
      tellDone("Your profile is stored.");
      return client.invalidateQueries({ queryKey: usersKey });
    },
    onError: (error) => {
      const { field, text } = placeProblem(error, FIELDS);
      if (field) form.setFieldError(field, text);
      else tellProblem(error);
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => store.mutate(values))} noValidate>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput
            label="Full name"
            placeholder={me.name}
            autoComplete="name"
            {...form.getInputProps("full_name")}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="email"
            spellCheck={false}
            {...form.getInputProps("email")}
          />
        </Grid.Col>
      </Grid>
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={store.isPending} disabled={!form.isDirty()}>
          Save
        </Button>
      </Group>
    </form>
  );
}
