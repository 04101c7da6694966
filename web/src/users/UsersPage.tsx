import { Button, Card, Group, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { sessionQuery } from "~/session/queries";
import { AddUser } from "./AddUser";
import { LinkDialog } from "./LinkDialog";
import type { Link } from "./links";
import { isCalled, managesPeople, usersQuery } from "./queries";
import { UserRow } from "./UserRow";
import classes from "./UsersPage.module.css";

/** Fewer are seen at a glance. */
const WORTH_SEARCHING = 10;

/** People and programs with an account: for those who look after them. */
export function UsersPage() {
  usePageTitle("Users");
  const query = useQuery(usersQuery);
  const manages = managesPeople(useQuery(sessionQuery).data);
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<Link>();
  const [text, setText] = useState("");
  const all = query.data?.items ?? [];
  const shown = all.filter((user) => isCalled(user, text));
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Title order={1}>Users</Title>
        {manages && !adding && (
          <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            Add a user
          </Button>
        )}
      </Group>
      <Text c="dimmed" mb="lg">
        {manages
          ? "Who has an account. A login link lets its person in, once; an invitation lets them choose a password."
          : "Who has an account."}
      </Text>
      <Stack gap="lg">
        {adding && (
          <Card component="section" aria-label="Add a user">
            <AddUser onDone={() => setAdding(false)} onLink={setLink} />
          </Card>
        )}
        {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
        {all.length >= WORTH_SEARCHING && (
          <TextInput
            type="search"
            aria-label="Search by name"
            placeholder="Search by name"
            leftSection={<Search size={16} aria-hidden="true" />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {!query.isError && (
          <Card padding={0} component="section" aria-label="Accounts" aria-busy={query.isPending}>
            {query.isPending && <Skeleton h={160} />}
            {query.isSuccess && shown.length === 0 && (
              <EmptyState
                icon={<Search size={32} strokeWidth={1.4} />}
                title="Nobody of that name"
                text="No account matches what you are looking for."
              />
            )}
            <ul className={classes.users}>
              {shown.map((user) => (
                <UserRow key={user.id} user={user} onLink={setLink} />
              ))}
            </ul>
          </Card>
        )}
      </Stack>
      <LinkDialog link={link} onDone={() => setLink(undefined)} />
    </>
  );
}
