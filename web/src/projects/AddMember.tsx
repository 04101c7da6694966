import { Button, Grid, Group, Select, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { answer, api } from "~/api/client";
import type { Project, Role } from "~/api/types";
import { tellDone } from "~/design/notices";
import { QueryProblem } from "~/design/QueryProblem";
import { usersQuery } from "~/users/queries";
import { projectKeys } from "./queries";
import { MEMBER_ROLES } from "./rights";

interface AddMemberProps {
  project: Project;
  /** Of which one says who is a member; the empty one is all of them. */
  domains: readonly string[];
  onDone: () => void;
}

/** Makes somebody a member, or something else than they were. */
export function AddMember({ project, domains, onDone }: AddMemberProps) {
  const client = useQueryClient();
  const people = useQuery(usersQuery);
  const [user, setUser] = useState<string | null>(null);
  const [role, setRole] = useState<Role>("developer");
  const [domain, setDomain] = useState(domains[0] ?? "");
  const add = useMutation({
    mutationFn: (id: string) =>
      answer(
        api.PUT("/api/v1/projects/{project}/members/{user}", {
          params: { path: { project: project.name, user: id } },
          body: { role, domain },
        }),
      ),
    onSuccess: async (member) => {
      await client.invalidateQueries({ queryKey: projectKeys.all });
      tellDone(`${member.user} is ${member.role} in ${project.name}${domain && `, ${domain}`}.`);
      onDone();
    },
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (user) add.mutate(user);
  }

  const accounts = people.data?.items.filter(({ disabled }) => !disabled) ?? [];
  return (
    <form onSubmit={submit}>
      <Stack gap="md" pb="lg">
        <Grid gap="md">
          <Grid.Col span={{ base: 12, sm: 4 }}>
            <Select
              label="Who"
              placeholder="A user or service account"
              required
              searchable
              data-autofocus
              nothingFoundMessage="Nobody has this name."
              data={accounts.map(({ id, name, full_name }) => ({
                value: id,
                label: full_name ? `${name} (${full_name})` : name,
              }))}
              value={user}
              onChange={setUser}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, sm: 4 }}>
            <Select
              label="Role"
              allowDeselect={false}
              data={MEMBER_ROLES.map(([value, label]) => ({ value, label }))}
              value={role}
              onChange={(value) => setRole(value ?? role)}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6, sm: 4 }}>
            <Select
              label="Domain"
              allowDeselect={false}
              data={domains.map((value) => ({ value, label: value || "all domains" }))}
              value={domain}
              onChange={(value) => setDomain(value ?? domain)}
            />
          </Grid.Col>
        </Grid>
        {people.isError && <QueryProblem error={people.error} retry={() => void people.refetch()} />}
        {add.isError && <QueryProblem error={add.error} />}
        <Group justify="space-between" gap="sm">
          <span style={{ color: "var(--mantine-color-dimmed)", fontSize: "var(--mantine-font-size-sm)" }}>
            {MEMBER_ROLES.find(([one]) => one === role)
              ?.slice(1)
              .join(": ")}
          </span>
          <Group gap="sm" ml="auto">
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending} disabled={!user}>
              Add
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
