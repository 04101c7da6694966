import { Avatar, Card, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Person, Workspace } from "~/api/types";
import { Moment } from "~/design/Moment";
import { QueryProblem } from "~/design/QueryProblem";
import { sessionQuery } from "~/session/queries";
import { peopleQuery } from "~/workspaces/queries";
import classes from "./PeopleCard.module.css";

/** People come and go without an event, but for the first time that somebody comes. */
const REFRESH_MS = 5000;

/** Who is in the workspace now, and how. */
export function PeopleCard({ workspace }: { workspace: Workspace }) {
  const running = workspace.phase === "running";
  const query = useQuery({ ...peopleQuery(workspace.id), enabled: running, refetchInterval: REFRESH_MS });
  const people = running ? (query.data?.items ?? []) : [];
  return (
    <Card component="section" aria-label="Who is here">
      <Text fw={600} mb="md">
        Who is here
      </Text>
      {running && query.isPending && <Skeleton h={40} />}
      {query.isError && !query.data && (
        <QueryProblem error={query.error} retry={() => void query.refetch()} />
      )}
      {(!running || query.isSuccess) && people.length === 0 && (
        <Text size="sm" c="dimmed">
          {running ? "Nobody is connected now." : "Nobody: it does not run."}
        </Text>
      )}
      <ul className={classes.people} aria-live="polite">
        {people.map((person) => (
          <PersonItem key={`${person.name} ${person.since}`} person={person} />
        ))}
      </ul>
    </Card>
  );
}

function PersonItem({ person }: { person: Person }) {
  const session = useQuery(sessionQuery).data;
  return (
    <li className={classes.person}>
      <Avatar name={person.name} color="initials" size="md" aria-hidden="true" />
      <div className={classes.words}>
        <Text size="sm" fw={600}>
          {person.name}
          {session?.user === person.name && " (you)"}
        </Text>
        <Text size="sm" c="dimmed">
          {person.ways.join(", ")} · came <Moment at={person.since} />
        </Text>
      </div>
    </li>
  );
}
