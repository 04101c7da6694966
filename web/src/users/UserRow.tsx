import { Button, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link as PageLink } from "react-router";
import type { User } from "~/api/types";
import { tellProblem } from "~/design/notices";
import { sessionQuery, waysQuery } from "~/session/queries";
import { DisableDialog } from "./DisableDialog";
import { makeInvite, makeLoginLink, makeToken, type Link } from "./links";
import { labelOf, managesPeople, outOfReach } from "./queries";
import { RoleSelect } from "./RoleSelect";
import { SeenLine, UserMarks } from "./UserMarks";
import { useUserChange } from "./useUserChange";
import classes from "./UsersPage.module.css";

interface UserRowProps {
  user: User;
  /** A link was made, to be shown. */
  onLink: (link: Link) => void;
}

/** One account of the list, with what is wanted most. */
export function UserRow({ user, onLink }: UserRowProps) {
  const session = useQuery(sessionQuery).data;
  const manages = managesPeople(session);
  const isSelf = session?.user_id === user.id;
  return (
    <li className={classes.user}>
      <div className={classes.who}>
        <Text component="div" fw={600}>
          {manages ? (
            <PageLink to={`/users/${user.id}`} className={classes.name}>
              {user.name}
            </PageLink>
          ) : (
            user.name
          )}
          {isSelf && " (you)"} <UserMarks user={user} />
        </Text>
        <SeenLine user={user} />
      </div>
      {manages ? (
        <Actions user={user} onLink={onLink} />
      ) : (
        <Text size="sm" c="dimmed" className={classes.role ?? ""}>
          {labelOf(user.role)}
        </Text>
      )}
    </li>
  );
}

/** For those who manage people. */
function Actions({ user, onLink }: UserRowProps) {
  const session = useQuery(sessionQuery).data;
  const ways = useQuery(waysQuery).data;
  const isSelf = session?.user_id === user.id;
  const isOut = outOfReach(session, user);
  const isProgram = user.kind === "service";
  const letIn = isProgram ? "Token" : "Login link";
  const [asking, setAsking] = useState(false);
  const change = useUserChange(user);
  const made = { onSuccess: onLink, onError: tellProblem };
  const link = useMutation({
    mutationFn: () => (isProgram ? makeToken(user, { title: "", scopes: [] }) : makeLoginLink(user)),
    ...made,
  });
  const invite = useMutation({ mutationFn: () => makeInvite(user), ...made });
  const button = { size: "xs", variant: "default", disabled: isOut } as const;
  return (
    <>
      <RoleSelect user={user} own={session?.role} disabled={isSelf || isOut} change={change} />
      <div className={classes.actions}>
        {!user.disabled && (
          <Button
            {...button}
            loading={link.isPending}
            aria-label={`${letIn} for ${user.name}`}
            onClick={() => link.mutate()}
          >
            {letIn}
          </Button>
        )}
        {!user.disabled && !isProgram && ways?.password && (
          <Button
            {...button}
            loading={invite.isPending}
            aria-label={`Invitation for ${user.name}`}
            onClick={() => invite.mutate()}
          >
            Invitation
          </Button>
        )}
        {!isSelf && (
          <Button
            {...button}
            {...(user.disabled ? {} : { variant: "light", color: "brick" })}
            loading={change.isPending && change.variables.disabled !== undefined}
            aria-label={`${user.disabled ? "Enable" : "Disable"} ${user.name}`}
            onClick={() => (user.disabled ? change.mutate({ disabled: false }) : setAsking(true))}
          >
            {user.disabled ? "Enable" : "Disable…"}
          </Button>
        )}
      </div>
      <DisableDialog user={asking ? user : undefined} change={change} onClose={() => setAsking(false)} />
    </>
  );
}
