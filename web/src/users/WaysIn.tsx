import { Button, Card, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { User } from "~/api/types";
import { ConfirmDialog } from "~/design/ConfirmDialog";
import { tellProblem } from "~/design/notices";
import { sessionQuery, waysQuery } from "~/session/queries";
import { DisableDialog } from "./DisableDialog";
import { makeInvite, makeLoginLink, type Link } from "./links";
import { useUserChange } from "./useUserChange";

interface WaysInProps {
  user: User;
  /** A link was made, to be shown. */
  onLink: (link: Link) => void;
}

/** Letting somebody in, and keeping somebody out. */
export function WaysIn({ user, onLink }: WaysInProps) {
  const isSelf = useQuery(sessionQuery).data?.user_id === user.id;
  const change = useUserChange(user);
  const [asking, setAsking] = useState(false);
  const isPerson = user.kind === "person";
  if (isSelf && !isPerson) return null;
  return (
    <Card component="section" aria-label="Letting in">
      <Stack gap="xl">
        {isPerson && !user.disabled && <Links user={user} onLink={onLink} />}
        {!isSelf && (
          <Choice
            title={user.disabled ? "Enable" : "Disable"}
            text={
              user.disabled
                ? "The account may be used again. Nothing that it had comes back by itself: make a link or a token."
                : "Ends tokens, sessions, shares and guest links within seconds. Workspaces and files stay."
            }
          >
            <Button
              {...(user.disabled ? { variant: "default" } : { variant: "light", color: "brick" })}
              loading={change.isPending && change.variables.disabled !== undefined}
              onClick={() => (user.disabled ? change.mutate({ disabled: false }) : setAsking(true))}
            >
              {user.disabled ? "Enable" : "Disable…"}
            </Button>
          </Choice>
        )}
      </Stack>
      <DisableDialog user={asking ? user : undefined} change={change} onClose={() => setAsking(false)} />
    </Card>
  );
}

/** Of a person who may sign in. */
function Links({ user, onLink }: WaysInProps) {
  const ways = useQuery(waysQuery).data;
  const [resetting, setResetting] = useState(false);
  const made = { onSuccess: onLink, onError: tellProblem };
  const login = useMutation({ mutationFn: () => makeLoginLink(user), ...made });
  const invite = useMutation({ mutationFn: (reset: boolean) => makeInvite(user, reset), ...made });
  return (
    <>
      <Choice title="Login link" text="Signs a browser in, once. For somebody who is new, or locked out.">
        <Button variant="default" loading={login.isPending} onClick={() => login.mutate()}>
          Make a login link
        </Button>
      </Choice>
      {ways?.password && (
        <>
          <Choice
            title="Invitation"
            text="Who opens it chooses a password. An earlier invitation is over, an earlier password goes on until then."
          >
            <Button
              variant="default"
              loading={invite.isPending && !invite.variables}
              onClick={() => invite.mutate(false)}
            >
              Make an invitation
            </Button>
          </Choice>
          <Choice
            title="Invite anew"
            text="For when somebody else may know the password: it ends at once, with all sessions and tokens."
          >
            <Button
              variant="light"
              color="brick"
              loading={invite.isPending && invite.variables}
              onClick={() => setResetting(true)}
            >
              End all, and invite…
            </Button>
          </Choice>
        </>
      )}
      <ConfirmDialog
        opened={resetting}
        title={`End all that ${user.name} has?`}
        keepLabel="Leave it"
        doLabel="End all, and invite"
        onClose={() => setResetting(false)}
        onConfirm={() => invite.mutate(true)}
      >
        Password, sessions and tokens end at once; SSH keys stay. The invitation lets them choose another
        password.
      </ConfirmDialog>
    </>
  );
}

function Choice({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="md">
      <div style={{ flex: "1 1 16rem" }}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </div>
      {children}
    </Group>
  );
}
