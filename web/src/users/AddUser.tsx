import { Button, Group, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Role } from "~/api/types";
import { placeProblem } from "~/design/fieldProblem";
import { tellProblem } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { sessionQuery } from "~/session/queries";
import { makeLoginLink, makeToken, type Link } from "./links";
import { ROLES, rolesFor, usersKey } from "./queries";

interface AddUserProps {
  onDone: () => void;
  /** A link was made, to be shown. */
  onLink: (link: Link) => void;
}

/** Makes an account, and what lets its person or program in. */
export function AddUser({ onDone, onLink }: AddUserProps) {
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
        onLink(await (isProgram ? makeToken(user, { title: "", scopes: [] }) : makeLoginLink(user)));
      } catch (error) {
        tellProblem(error);
      }
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    add.mutate();
  }

  const placed = add.isError ? placeProblem(add.error, ["name"]) : undefined;
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
          error={placed?.field && placed.text}
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
        {add.isError && !placed?.field && <QueryProblem error={add.error} />}
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
