import {
  Badge,
  Button,
  Card,
  Group,
  Modal,
  Select,
  Skeleton,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Role, User } from "~/api/types";
import { Moment } from "~/design/Moment";
import { tellDone, tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { ShownOnce } from "~/design/ShownOnce";
import { formatSeconds } from "~/design/time";
import { usePageTitle } from "~/design/usePageTitle";
import { sessionQuery, waysQuery } from "~/session/queries";
import { managesPeople, ROLES, usersKey, usersQuery } from "./queries";
import classes from "./UsersPage.module.css";

/** Long enough for somebody to read the mail that it comes with. */
const LINK_SECONDS = 86_400;

/** People with an account: for those who look after them. */
export function UsersPage() {
  usePageTitle("Users");
  const query = useQuery(usersQuery);
  const manages = managesPeople(useQuery(sessionQuery).data);
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<Link>();
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
        Who has an account. A login link lets its person in, once; an invitation lets them choose a password.
      </Text>
      <Stack gap="lg">
        {adding && (
          <Card component="section" aria-label="Add a user">
            <AddUser onDone={() => setAdding(false)} onLink={setLink} />
          </Card>
        )}
        {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
        <Card padding={0} component="section" aria-label="Accounts" aria-busy={query.isPending}>
          {query.isPending && <Skeleton h={160} />}
          <ul className={classes.users}>
            {query.data?.items.map((user) => (
              <UserRow key={user.id} user={user} onLink={setLink} />
            ))}
          </ul>
        </Card>
      </Stack>
      <Modal
        opened={link !== undefined}
        onClose={() => setLink(undefined)}
        title={link && `${link.title} for ${link.user}`}
      >
        {link && (
          <ShownOnce
            text={link.url}
            what={`the ${link.title.toLowerCase()}`}
            about={link.about}
            onDone={() => setLink(undefined)}
          />
        )}
      </Modal>
    </>
  );
}

/** What is shown once, for somebody. */
interface Link {
  user: string;
  title: string;
  url: string;
  about: string;
}

interface WithLink {
  /** A link was made, to be shown. */
  onLink: (link: Link) => void;
}

async function makeLink(user: User): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/login-links", {
      params: { path: { user: user.id } },
      body: { expires_in_seconds: LINK_SECONDS },
    }),
  );
  const about = `It signs a browser in as ${user.name}, once, within ${formatSeconds(made.expires_in_seconds)}.`;
  return { user: user.name, title: "Login link", url: made.url, about };
}

async function makeInvite(user: User): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/invites", { params: { path: { user: user.id } }, body: { reset: false } }),
  );
  const about = `Who opens it chooses the password of ${user.name}, once, within ${formatSeconds(made.expires_in_seconds)}.`;
  return { user: user.name, title: "Invitation", url: made.url, about };
}

async function makeToken(user: User): Promise<Link> {
  const made = await answer(
    api.POST("/api/v1/users/{user}/tokens", {
      params: { path: { user: user.id } },
      body: { title: "", scopes: [] },
    }),
  );
  const about = `It may do all that ${user.name} may do, until it is revoked: carrel user token revoke.`;
  return { user: user.name, title: "Token", url: made.token, about };
}

function UserRow({ user, onLink }: { user: User } & WithLink) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const isSelf = session?.user_id === user.id;
  // Only an owner has to do with owners.
  const outOfReach = !managesPeople(session) || (user.role === "owner" && session?.role !== "owner");
  const [asking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (body: { role?: Role; disabled?: boolean }) =>
      answer(api.PATCH("/api/v1/users/{user}", { params: { path: { user: user.id } }, body })),
    onSuccess: (changed, asked) =>
      tellDone(
        asked.disabled === undefined
          ? `${changed.name} is ${labelOf(changed.role).toLowerCase()} now.`
          : changed.disabled
            ? `${changed.name} is disabled; what they have open ends within seconds.`
            : `${changed.name} may sign in again, by a login link.`,
      ),
    onError: tellProblem,
    onSettled: () => client.invalidateQueries({ queryKey: usersKey }),
  });
  const isProgram = user.kind === "service";
  const letIn = isProgram ? "Token" : "Login link";
  const ways = useQuery(waysQuery).data;
  const link = useMutation({
    mutationFn: () => (isProgram ? makeToken(user) : makeLink(user)),
    onSuccess: onLink,
    onError: tellProblem,
  });
  const invite = useMutation({ mutationFn: () => makeInvite(user), onSuccess: onLink, onError: tellProblem });
  return (
    <li className={classes.user}>
      <div className={classes.who}>
        <Text component="div" fw={600}>
          {user.name}
          {isSelf && " (you)"}{" "}
          {isProgram && (
            <Badge color="gray" variant="light" tt="none">
              service account
            </Badge>
          )}{" "}
          {user.disabled && (
            <Badge color="gray" variant="light" tt="none">
              disabled
            </Badge>
          )}
        </Text>
        <Text size="sm" c="dimmed">
          {user.full_name ? `${user.full_name}, added ` : "added "}
          <Moment at={user.created_at} />
          {user.seen_at && (
            <>
              , last seen <Moment at={user.seen_at} />
            </>
          )}
        </Text>
      </div>
      <Select
        size="xs"
        w={140}
        aria-label={`Role of ${user.name}`}
        allowDeselect={false}
        disabled={isSelf || outOfReach || user.disabled || change.isPending}
        data={rolesFor(session?.role, user.role)}
        value={user.role}
        onChange={(role) => {
          if (role && role !== user.role) change.mutate({ role: role });
        }}
      />
      <div className={classes.actions}>
        {!user.disabled && (
          <Button
            size="xs"
            variant="default"
            disabled={outOfReach}
            loading={link.isPending}
            aria-label={`${letIn} for ${user.name}`}
            onClick={() => link.mutate()}
          >
            {letIn}
          </Button>
        )}
        {!user.disabled && !isProgram && ways?.password && (
          <Button
            size="xs"
            variant="default"
            disabled={outOfReach}
            loading={invite.isPending}
            aria-label={`Invitation for ${user.name}`}
            onClick={() => invite.mutate()}
          >
            Invitation
          </Button>
        )}
        {!isSelf && (
          <Button
            size="xs"
            variant={user.disabled ? "default" : "light"}
            {...(user.disabled ? {} : { color: "brick" })}
            disabled={outOfReach}
            loading={change.isPending && change.variables.disabled !== undefined}
            aria-label={`${user.disabled ? "Enable" : "Disable"} ${user.name}`}
            onClick={() => (user.disabled ? change.mutate({ disabled: false }) : setAsking(true))}
          >
            {user.disabled ? "Enable" : "Disable…"}
          </Button>
        )}
      </div>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Disable ${user.name}?`}>
        <Text size="sm">
          They are signed out everywhere, and lose tokens, shares and guest links within seconds. Their
          workspaces and files stay.
        </Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => setAsking(false)}>
            Leave it
          </Button>
          <Button
            color="brick"
            onClick={() => {
              setAsking(false);
              change.mutate({ disabled: true });
            }}
          >
            Disable
          </Button>
        </Group>
      </Modal>
    </li>
  );
}

function AddUser({ onDone, onLink }: { onDone: () => void } & WithLink) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [isProgram, setIsProgram] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/users", {
          body: { name: name.trim(), role, kind: isProgram ? "service" : "person" },
        }),
      ),
    onSuccess: async (user) => {
      await client.invalidateQueries({ queryKey: usersKey });
      onDone();
      try {
        onLink(await (isProgram ? makeToken(user) : makeLink(user)));
      } catch (error) {
        tellProblem(error);
      }
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    add.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Part of addresses: small letters, digits, single hyphens."
          required
          data-autofocus
          spellCheck={false}
          autoCapitalize="none"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Role"
          allowDeselect={false}
          data={rolesFor(session?.role, role)}
          value={role}
          description={ROLES.find(([one]) => one === role)?.[2]}
          onChange={(value) => setRole(value ?? role)}
        />
        <Switch
          label="A service account"
          description="Of a program: nobody signs in as it, it has tokens."
          checked={isProgram}
          onChange={(event) => setIsProgram(event.currentTarget.checked)}
        />
        {add.isError && <QueryProblem error={add.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={name.trim() === ""}>
            {isProgram ? "Add, and make a token" : "Add, and make a login link"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What somebody of a role may make of others; owners are the owners' business. */
function rolesFor(own: Role | undefined, current: Role) {
  return ROLES.filter(([role]) => role !== "owner" || own === "owner" || current === "owner").map(
    ([value, label]) => ({ value, label }),
  );
}

function labelOf(role: Role): string {
  return ROLES.find(([one]) => one === role)?.[1] ?? role;
}
