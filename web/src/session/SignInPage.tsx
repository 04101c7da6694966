import { Box, Button, Card, Code, Divider, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { Wordmark } from "~/app/Logo";
import { usePageTitle } from "~/design/usePageTitle";
import { ProblemBox } from "~/design/ProblemBox";
import { sessionKey } from "./queries";
import classes from "./SignInPage.module.css";

interface SignInPageProps {
  /** Somebody came by a login link that is used or too old. */
  usedLink?: boolean;
  /** Where to go then; without it the page stays and shows what it was asked for. */
  onSignedIn?: () => void;
}

/** For somebody who is not signed in: the login link first, a token where there is none. */
export function SignInPage({ usedLink = false, onSignedIn }: SignInPageProps) {
  usePageTitle("Sign in");
  return (
    <main className={classes.page}>
      <Box w="100%" maw={420}>
        <Box mb="lg" className={classes.mark}>
          <Wordmark />
        </Box>
        <Card padding="xl" shadow="sm">
          <Stack gap="lg">
            <div>
              <Title order={1} mb={6}>
                Sign in
              </Title>
              <Text c="dimmed" size="sm">
                On the machine where Carrel runs, this opens the dashboard with you signed in:
              </Text>
            </div>
            {usedLink && (
              <ProblemBox
                tone="warning"
                title="This login link does not work any more"
                hint="Each link works once, for a few minutes. Make a new one:"
              />
            )}
            <Code block fz="sm" className={classes.command}>
              carrel login
            </Code>
            <Text c="dimmed" size="sm">
              It makes a login link that works once. Somewhere else, open the link that{" "}
              <Code>carrel login --print</Code> prints there.
            </Text>
            <Divider label="or with a token" />
            <TokenForm {...(onSignedIn ? { onSignedIn } : {})} />
          </Stack>
        </Card>
      </Box>
    </main>
  );
}

function TokenForm({ onSignedIn }: Pick<SignInPageProps, "onSignedIn">) {
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
          Sign in
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
