import { Alert, Anchor, Button, PasswordInput, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Inspection } from "~/api/types";
import { problemWithAddress } from "../source";
import type { checkValues, CreateValues } from "./form";

type Form = UseFormReturnType<CreateValues, CreateValues, typeof checkValues>;

/** What the repository would like to have, looked up on demand: a look fetches it. */
export function WantedSecrets({ form }: { form: Form }) {
  const { address, ref, devcontainer } = form.values;
  const look = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/inspections", {
          body: {
            source: { kind: "git", url: address.trim(), ref: ref.trim() },
            devcontainer: devcontainer.trim(),
          },
        }),
      ),
  });
  return (
    <Stack gap="sm" align="flex-start">
      <Button
        variant="default"
        size="xs"
        disabled={problemWithAddress(address) !== undefined}
        loading={look.isPending}
        onClick={() => look.mutate()}
      >
        Look at what it asks for
      </Button>
      {look.isError && (
        <Text size="sm" c="dimmed" role="status">
          It could not be read: {look.error.message}
        </Text>
      )}
      {look.data && <Wanted found={look.data} form={form} />}
    </Stack>
  );
}

function Wanted({ found, form }: { found: Inspection; form: Form }) {
  const { secrets, unmet } = found;
  return (
    <Stack gap="sm" w="100%" role="status">
      {unmet.map((sentence) => (
        <Alert key={sentence} color="yellow" variant="light">
          {sentence} It starts with less.
        </Alert>
      ))}
      {secrets.length === 0 && (
        <Text size="sm" c="dimmed">
          It asks for no secrets.
        </Text>
      )}
      {secrets.map((secret) =>
        secret.given_by ? (
          <Text key={secret.name} size="sm">
            {secret.name} is given already ({secret.given_by}).
          </Text>
        ) : (
          <PasswordInput
            key={secret.name}
            label={secret.name}
            description={
              <>
                {secret.description}{" "}
                {/^https?:\/\//.test(secret.documentation_url) && (
                  <Anchor href={secret.documentation_url} target="_blank" rel="noopener noreferrer" size="xs">
                    How to get it
                  </Anchor>
                )}
              </>
            }
            autoComplete="new-password"
            value={form.values.secrets[secret.name] ?? ""}
            onChange={(event) =>
              form.setFieldValue("secrets", {
                ...form.values.secrets,
                [secret.name]: event.currentTarget.value,
              })
            }
          />
        ),
      )}
    </Stack>
  );
}
