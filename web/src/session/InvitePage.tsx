import { Box, Button, Card, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import { Wordmark } from "~/app/Logo";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { sessionKey } from "./queries";
import classes from "./SignInPage.module.css";

/** Shortest password, as docs/guides/team.md has it; the server decides. */
export const SHORTEST = 12;

/** Where an invitation leads: its person chooses a password and is signed in. The code is behind `#`, which no server sees. */
export function InvitePage() {
  usePageTitle("Choose a password");
  const client = useQueryClient();
  const navigate = useNavigate();
  const code = useLocation().hash.slice(1);
  const [password, setPassword] = useState("");
  const accept = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/session/invite", { body: { code, password } })),
    onSuccess: async (session) => {
      client.setQueryData(sessionKey, session);
      await navigate("/", { replace: true });
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    accept.mutate();
  }

  return (
    <main className={classes.page}>
      <Box w="100%" maw={420}>
        <Box mb="lg" className={classes.mark}>
          <Wordmark />
        </Box>
        <Card padding="xl" shadow="sm">
          <Title order={1} mb={6}>
            Choose a password
          </Title>
          <Text c="dimmed" size="sm" mb="lg">
            You are invited. Nobody else gets to know it, the administrators neither.
          </Text>
          <form onSubmit={submit}>
            <Stack gap="md">
              <PasswordInput
                label="New password"
                description={`At least ${SHORTEST} characters, whatever they are; several words are easy to keep.`}
                autoComplete="new-password"
                value={password}
                onChange={(event) => {
                  setPassword(event.currentTarget.value);
                  accept.reset();
                }}
              />
              {accept.isError && <QueryProblem error={accept.error} />}
              <Button type="submit" loading={accept.isPending} disabled={password.length < SHORTEST}>
                Keep it, and sign in
              </Button>
            </Stack>
          </form>
        </Card>
      </Box>
    </main>
  );
}
