import { Card, Grid, NativeSelect, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Preferences } from "~/api/types";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { projectsQuery } from "~/projects/queries";
import { DOMAINS } from "~/projects/rights";
import { serverQuery, sessionQuery } from "~/session/queries";
import { placesOf, type Place } from "~/workspaces/create/places";
import { usualPlace } from "~/workspaces/create/usePlaces";
import { preferencesKey, preferencesQuery } from "./queries";

/** Where workspaces belong for which nothing is said. */
export function UsualPlace() {
  const query = useQuery(preferencesQuery);
  return (
    <Card component="section" aria-label="Where workspaces belong">
      <Text fw={600} mb={4}>
        Where workspaces belong
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        New ones for which no project or domain is named, here or on the command line.
      </Text>
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.data && <PlaceForm preferences={query.data} />}
    </Card>
  );
}

function PlaceForm({ preferences }: { preferences: Preferences }) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const projects = useQuery(projectsQuery).data;
  const server = useQuery(serverQuery).data;
  const store = useMutation({
    mutationFn: (change: Partial<Place>) =>
      answer(api.PUT("/api/v1/preferences", { body: { ...preferences, ...change } })),
    onSuccess: (stored) => {
      client.setQueryData(preferencesKey, stored);
      const { project, domain } = usualPlace(stored, server);
      tellDone(`New workspaces belong to ${project}, ${domain}.`);
    },
    onError: tellProblem,
  });
  const usual = usualPlace(undefined, server);
  const names = placesOf(session, projects?.items ?? []).map(({ project }) => project);
  // What was chosen before one left a project is still shown, so that it can be seen why it does not work.
  const { project, domain } = preferences;
  const shown = project === "" || names.includes(project) ? names : [...names, project];
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <NativeSelect
          label="Project"
          disabled={store.isPending}
          data={[{ value: "", label: `As the server says (${usual.project})` }, ...shown]}
          value={project}
          onChange={(event) => store.mutate({ project: event.currentTarget.value })}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <NativeSelect
          label="Domain"
          disabled={store.isPending}
          data={[{ value: "", label: `As the server says (${usual.domain})` }, ...DOMAINS]}
          value={domain}
          onChange={(event) => store.mutate({ domain: event.currentTarget.value })}
        />
      </Grid.Col>
    </Grid>
  );
}
