import { Badge, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, UserX } from "lucide-react";
import { useState } from "react";
import { Link as PageLink, useParams } from "react-router";
import { answer, api } from "~/api/client";
import type { User } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import classes from "~/detail/DetailPage.module.css";
import { LimitsCard } from "~/limits/LimitsCard";
import { sessionQuery } from "~/session/queries";
import { LinkDialog } from "./LinkDialog";
import type { Link } from "./links";
import { Profile } from "./Profile";
import { managesPeople, outOfReach, ROLES, userLimitsKey, userLimitsQuery, usersQuery } from "./queries";
import { RoleSelect } from "./RoleSelect";
import { SeenLine, UserMarks } from "./UserMarks";
import { UserTokens } from "./UserTokens";
import { useUserChange } from "./useUserChange";
import { WaysIn } from "./WaysIn";

/** One account, for those who look after people. */
export function UserPage() {
  const { user: id = "" } = useParams();
  const query = useQuery(usersQuery);
  const manages = managesPeople(useQuery(sessionQuery).data);
  const user = query.data?.items.find((one) => one.id === id || one.name === id);
  usePageTitle(user?.name ?? "User");
  return (
    <>
      <PageLink to="/users" className={classes.crumb}>
        <ChevronLeft size={15} aria-hidden="true" />
        Users
      </PageLink>
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton h={240} radius="lg" />}
      {query.isSuccess && (!user || !manages) && (
        <EmptyState
          wholePage
          icon={<UserX size={36} strokeWidth={1.4} />}
          title={manages ? "There is no such user" : "Administrators look after accounts"}
          text={manages ? "The list has everybody with an account." : "Your own is in the settings."}
        />
      )}
      {user && manages && <Account user={user} />}
    </>
  );
}

function Account({ user }: { user: User }) {
  const [link, setLink] = useState<Link>();
  const isOut = outOfReach(useQuery(sessionQuery).data, user);
  return (
    <>
      <header className={classes.header}>
        <div>
          <Group gap="sm">
            <Title order={1} className={classes.title}>
              {user.name}
            </Title>
            <UserMarks user={user} />
            {user.kind === "person" && user.has_password === false && (
              <Badge color="gray" variant="light" tt="none">
                no password
              </Badge>
            )}
          </Group>
          <SeenLine user={user} />
        </div>
      </header>
      <Stack gap="lg">
        <RoleCard user={user} isOut={isOut} />
        {user.kind === "person" && <Profile key={user.id} user={user} canChange={!isOut} />}
        <UserLimits user={user} />
        <UserTokens user={user} canChange={!isOut} onLink={setLink} />
        {!isOut && <WaysIn user={user} onLink={setLink} />}
      </Stack>
      <LinkDialog link={link} onDone={() => setLink(undefined)} />
    </>
  );
}

function RoleCard({ user, isOut }: { user: User; isOut: boolean }) {
  const session = useQuery(sessionQuery).data;
  const change = useUserChange(user);
  return (
    <Card component="section" aria-label="Role">
      <Group justify="space-between" gap="md">
        <div style={{ flex: "1 1 16rem" }}>
          <Text fw={600}>Role</Text>
          <Text size="sm" c="dimmed">
            In the whole installation: {ROLES.find(([role]) => role === user.role)?.[2]}. Projects may give
            more.
          </Text>
        </div>
        <RoleSelect
          user={user}
          own={session?.role}
          disabled={isOut || session?.user_id === user.id}
          change={change}
        />
      </Group>
    </Card>
  );
}

function UserLimits({ user }: { user: User }) {
  const client = useQueryClient();
  const params = { path: { user: user.id } };
  return (
    <LimitsCard
      about={`What all workspaces of ${user.name} may have together.`}
      query={useQuery(userLimitsQuery(user.id))}
      canChange
      store={async (body) => {
        const stored = await answer(api.PUT("/api/v1/users/{user}/limits", { params, body }));
        client.setQueryData(userLimitsKey(user.id), stored);
      }}
    />
  );
}
