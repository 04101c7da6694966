import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Scope } from "~/api/types";
import { QueryProblem } from "~/design/QueryProblem";
import { serverQuery } from "~/session/queries";
import { lifeOf, problemWithLife, SCOPES, type TokenWish } from "./wish";

interface TokenFormProps {
  /** Whose it is, as in "all that you may do". */
  whose: string;
  make: (wish: TokenWish) => Promise<unknown>;
  onCancel: () => void;
}

/** What a token is for, what it may do, and how long. */
export function TokenForm({ whose, make, onCancel }: TokenFormProps) {
  const settings = useQuery(serverQuery).data?.settings;
  const most = typeof settings?.token_max_days === "number" ? settings.token_max_days : 0;
  const form = useForm({
    initialValues: { title: "", scopes: [] as Scope[], life: "" },
    validate: {
      title: (value) => (value.trim() ? null : "Say what it is for, to know it again."),
      life: (value) => problemWithLife(value, most) ?? null,
    },
  });
  const asked = useMutation({ mutationFn: make });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ title, scopes, life }) =>
        asked.mutate({ title: title.trim(), scopes, seconds: lifeOf(life) }),
      )}
    >
      <Stack gap="md" pb="lg">
        <TextInput
          label="What is it for?"
          placeholder="the build server"
          required
          data-autofocus
          {...form.getInputProps("title")}
        />
        <Checkbox.Group
          label="What may it do?"
          description={`None chosen: all that ${whose} may do.`}
          {...form.getInputProps("scopes")}
        >
          <Stack gap="xs" mt="xs">
            {SCOPES.map(([scope, does]) => (
              <Checkbox key={scope} value={scope} label={scope} description={does} />
            ))}
          </Stack>
        </Checkbox.Group>
        <TextInput
          label="How long?"
          description={
            most
              ? `As 30d or 12h, ${most} days at most; empty: ${most} days.`
              : "As 90d or 12h; empty: until it is revoked."
          }
          spellCheck={false}
          {...form.getInputProps("life")}
        />
        {asked.isError && <QueryProblem error={asked.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={asked.isPending}>
            Make a token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
