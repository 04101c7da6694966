import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import { QueryProblem } from "~/design/QueryProblem";
import { sessionKey } from "./queries";

/** Name and password; whatever is wrong, the server says the same. */
export function PasswordForm({ onSignedIn }: { onSignedIn?: (() => void) | undefined }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/session/password", { body: { name: name.trim(), password } })),
    onSuccess: (session) => {
      if (onSignedIn) onSignedIn();
      else client.setQueryData(sessionKey, session);
    },
    onError: () => setPassword(""),
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    signIn.mutate();
  }

  return (
    <form onSubmit={submit} aria-label="Sign in with a password">
      <Stack gap="md">
        <TextInput
          label="User name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {signIn.isError && <QueryProblem error={signIn.error} />}
        <Button type="submit" loading={signIn.isPending} disabled={name.trim() === "" || password === ""}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
