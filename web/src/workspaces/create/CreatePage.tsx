import {
  Anchor,
  Box,
  Button,
  Card,
  Collapse,
  Grid,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, GitBranch } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem } from "~/api/problem";
import type { Quota } from "~/api/types";
import { ProblemBox } from "~/design/ProblemBox";
import { usePageTitle } from "~/design/usePageTitle";
import { serverQuery } from "~/session/queries";
import { TemplateOffers } from "~/templates/TemplateOffers";
import { freeName, nameFromSource } from "../names";
import { readGitAddress } from "../source";
import {
  checkValues,
  EMPTY,
  errorsFrom,
  sizeChoices,
  toRequest,
  TTL_CHOICES,
  type CreateValues,
} from "./form";
import { PlaceFields, roomElsewhere } from "./PlaceFields";
import type { Place } from "./places";
import { whatIsLeft, whyNothing } from "./quota";
import { quotaAt } from "./quotaQuery";
import { useCreate, useTakenNames } from "./useCreate";
import { usePlaces } from "./usePlaces";
import { WantedSecrets } from "./WantedSecrets";

/** Makes a workspace from a git repository; `?url=` and `?ref=` fill the form, for links from elsewhere. */
export function CreatePage() {
  usePageTitle("New workspace");
  const [query] = useSearchParams();
  const given = readGitAddress(query.get("url") ?? "");
  const taken = useTakenNames();
  const create = useCreate();
  const [named, setNamed] = useState(false);
  const [chosen, setChosen] = useState<Place>({ project: "", domain: "" });
  const places = usePlaces(chosen);
  const quota = useQuery({ ...quotaAt(places.place), enabled: places.isSettled });
  const blocked = whyNothing(quota.data);
  const form = useForm<CreateValues>({
    initialValues: {
      ...EMPTY,
      address: given.url,
      ref: query.get("ref") ?? given.ref,
      name: given.url ? freeName(nameFromSource(given.url), taken) : "",
    },
    validate: (values) => checkValues(values, quota.data),
    validateInputOnBlur: ["name"],
  });

  function setAddress(text: string) {
    const { url, ref } = readGitAddress(text);
    form.setFieldValue("address", url);
    if (ref) form.setFieldValue("ref", ref);
    if (!named) form.setFieldValue("name", url.trim() ? freeName(nameFromSource(url), taken) : "");
  }

  function submit(values: CreateValues) {
    if (blocked) {
      void quota.refetch(); // somebody may have made room in the meantime
      return;
    }
    create.mutate(toRequest({ ...values, ...(places.isDefault ? {} : places.place) }), {
      onError: (error) => form.setErrors(errorsFrom(asProblem(error))),
    });
  }

  const several = (places.choices?.length ?? 0) > 1;
  const placeFields = (
    <PlaceFields
      places={places}
      errors={form.errors}
      onChange={(change) => {
        setChosen((before) => ({ ...before, ...change }));
        form.clearFieldError("project");
        form.clearFieldError("domain");
      }}
    />
  );
  const problem = create.error ? asProblem(create.error) : undefined;
  const atField = problem !== undefined && Object.keys(errorsFrom(problem)).length > 0;
  return (
    <Box maw={640} mx="auto">
      <Title order={1} mb={6}>
        New workspace
      </Title>
      <TemplateOffers />
      <Text c="dimmed" mb="lg">
        From a git repository, as its devcontainer.json describes it.
      </Text>
      <Card padding="xl">
        <form onSubmit={form.onSubmit(submit)} noValidate>
          <Stack gap="lg">
            {places.choices?.length === 0 && <NoPlace />}
            {blocked && (
              <ProblemBox
                title={blocked.title}
                detail={blocked.detail}
                hint={[blocked.hint, roomElsewhere(places)].filter(Boolean).join(" ")}
              />
            )}
            {problem && !atField && (
              <ProblemBox title={problem.title} detail={problem.detail} hint={problem.hint} />
            )}
            <TextInput
              label="Git repository"
              description="Its address, or the page of a branch or pull request."
              placeholder="https://github.com/owner/repository"
              leftSection={<GitBranch size={16} aria-hidden="true" />}
              required
              data-autofocus
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("address")}
              onChange={(event) => setAddress(event.currentTarget.value)}
            />
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, xs: 6 }}>
                <TextInput
                  label="Branch, tag or commit"
                  placeholder="the default branch"
                  spellCheck={false}
                  autoCapitalize="none"
                  {...form.getInputProps("ref")}
                />
              </Grid.Col>
              <Grid.Col span={{ base: 12, xs: 6 }}>
                <TextInput
                  label="Name"
                  required
                  spellCheck={false}
                  autoCapitalize="none"
                  autoComplete="off"
                  {...form.getInputProps("name")}
                  onChange={(event) => {
                    setNamed(event.currentTarget.value !== "");
                    form.setFieldValue("name", event.currentTarget.value);
                  }}
                />
              </Grid.Col>
            </Grid>
            {several && placeFields}
            <WantedSecrets form={form} />
            <MoreFields form={form} quota={quota.data} place={several ? null : placeFields} />
            {quota.data && !blocked && whatIsLeft(quota.data) && (
              <Text size="sm" c="dimmed">
                Your limits: {whatIsLeft(quota.data)}.
              </Text>
            )}
            <Group justify="flex-end" gap="sm">
              <Button component={Link} to="/" variant="default">
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Create workspace
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
      <Text size="sm" c="dimmed" mt="md">
        A private repository? Log in at its host, or store a token for it, under{" "}
        <Anchor component={Link} to="/settings/git" inherit underline="always">
          Settings, Git
        </Anchor>{" "}
        first.
      </Text>
    </Box>
  );
}

/** For somebody who looks, and has no workspaces. */
function NoPlace() {
  return (
    <ProblemBox
      tone="warning"
      title="You may have workspaces in no project"
      hint="A maintainer of a project makes you a member of it."
    />
  );
}

interface MoreFieldsProps {
  form: UseFormReturnType<CreateValues, CreateValues, typeof checkValues>;
  quota: Quota | undefined;
  /** Where the workspace belongs, if that is no question for everybody to see. */
  place: ReactNode;
}

function MoreFields({ form, quota, place }: MoreFieldsProps) {
  const server = useQuery(serverQuery);
  const [wanted, setWanted] = useState(false);
  const hasError = ["size", "devcontainer", "ttl", "dotfiles", "project", "domain"].some(
    (field) => field in form.errors,
  );
  const opened = wanted || hasError;
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        ml={-8}
        aria-expanded={opened}
        aria-controls="more-fields"
        leftSection={opened ? <ChevronDown size={16} /> : <ChevronRight size={16} />}
        onClick={() => setWanted(!opened)}
      >
        Size and other choices
      </Button>
      <Collapse expanded={opened} id="more-fields">
        {place && <Box pt="md">{place}</Box>}
        <Grid gap="lg" pt="md">
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <NativeSelect
              label="Size"
              data={sizeChoices(server.data?.runtime, quota)}
              {...form.getInputProps("size")}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <NativeSelect label="Stop when idle for" data={TTL_CHOICES} {...form.getInputProps("ttl")} />
          </Grid.Col>
          <Grid.Col span={12}>
            <TextInput
              label="Path of devcontainer.json"
              description="Only where the repository has several."
              placeholder=".devcontainer/devcontainer.json"
              spellCheck={false}
              {...form.getInputProps("devcontainer")}
            />
          </Grid.Col>
          <Grid.Col span={12}>
            <TextInput
              label="Dotfiles"
              description="Only where they are to be others than in your settings."
              placeholder="owner/dotfiles, or a git address"
              spellCheck={false}
              autoCapitalize="none"
              {...form.getInputProps("dotfiles")}
            />
          </Grid.Col>
        </Grid>
      </Collapse>
    </div>
  );
}
