import { Box, Button, Card, Code, Divider, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useLocation } from "react-router";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Loading } from "~/app/Loading";
import { Wordmark } from "~/app/Logo";
import { usePageTitle } from "~/design/usePageTitle";
import { ProblemBox } from "~/design/ProblemBox";
import { PasswordForm } from "./PasswordForm";
import { sessionKey, waysQuery } from "./queries";
import classes from "./SignInPage.module.css";

interface SignInPageProps {
  /** Somebody came by a login link that is used or too old. */
  usedLink?: boolean;
  /** Where to go then; without it the page stays and shows what it was asked for. */
  onSignedIn?: () => void;
  /** The path that was asked for, for ways that lead over other sites. */
  next?: string;
}

/** For somebody who is not signed in: with a password or an identity provider where the server takes them, a login link, a token. */
export function SignInPage({ usedLink = false, onSignedIn, next }: SignInPageProps) {
  usePageTitle("Sign in");
  const { pathname, search } = useLocation();
  const ways = useQuery(waysQuery);
  const others = ways.data !== undefined && (ways.data.password || ways.data.oidc !== null);
  const path = encodeURIComponent(next ?? pathname + search);
  if (ways.isPending) return <Loading />;
  return (
    <main className={classes.page}>
      <Box w="100%" maw={420}>
        <Box mb="lg" className={classes.mark}>
          <Wordmark />
        </Box>
        <Card padding="xl" shadow="sm">
          <Stack gap="lg">
            <Title order={1}>Sign in</Title>
            {ways.data?.oidc && (
              <Button component="a" href={`/login/oidc?next=${path}`} variant="default">
                {ways.data.oidc}
              </Button>
            )}
            {ways.data?.password && <PasswordForm onSignedIn={onSignedIn} />}
            {others && <Divider label="or with a login link" />}
            {usedLink && (
              <ProblemBox
                tone="warning"
                title="This login link does not work any more"
                hint="Each link works once, for a few minutes. Make a new one:"
              />
            )}
            <Text c="dimmed" size="sm">
              On the machine where Carrel runs, this opens the dashboard with you signed in:
            </Text>
            <Code block fz="sm" className={classes.command}>
              carrel login
            </Code>
            <Text c="dimmed" size="sm">
              It makes a login link that works once. Somewhere else, open the link that{" "}
              <Code>carrel login --print</Code> prints there.
            </Text>
            <Divider label="or with a token" />
            <TokenForm label={others ? "Sign in with the token" : "Sign in"} onSignedIn={onSignedIn} />
          </Stack>
        </Card>
      </Box>
    </main>
  );
}

function TokenForm({ label, onSignedIn }: { label: string; onSignedIn: (() => void) | undefined }) {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const signIn = useMutation({
    mutationFn: (secret: string) => answer(api.POST("/api/v1/session", { body: { token: secret } })),
    onSuccess: (session) => {
      if (onSignedIn) onSignedIn();
      else client.setQueryData(sessionKey, session);
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    const secret = token.trim();
    if (secret !== "") signIn.mutate(secret);
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <PasswordInput
          label="Token"
          description="From the file “token” of a local server, or made in the settings."
          autoComplete="current-password"
          value={token}
          onChange={(event) => {
            setToken(event.currentTarget.value);
            signIn.reset();
          }}
          error={signIn.error ? wordsFor(signIn.error) : undefined}
        />
        <Button type="submit" loading={signIn.isPending} disabled={token.trim() === ""}>
          {label}
        </Button>
      </Stack>
    </form>
  );
}

function wordsFor(error: unknown): string {
  const problem = asProblem(error);
  if (problem.status === 401) return "This token is not known here, or no longer valid.";
  return [problem.title, problem.detail].filter(Boolean).join(": ");
}
