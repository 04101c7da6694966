import {
  Box,
  Button,
  Card,
  Grid,
  Group,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, GitBranch } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { asProblem } from "~/api/problem";
import type { TemplateDetail } from "~/api/types";
import { ProblemBox } from "~/design/ProblemBox";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import detail from "~/detail/DetailPage.module.css";
import { PlaceFields, roomElsewhere } from "~/workspaces/create/PlaceFields";
import { whatIsLeft, whyNothing } from "~/workspaces/create/quota";
import { quotaAt } from "~/workspaces/create/quotaQuery";
import { useCreate, useTakenNames } from "~/workspaces/create/useCreate";
import { usePlaces, type Places } from "~/workspaces/create/usePlaces";
import { freeName, suggestName } from "~/workspaces/names";
import { readGitAddress } from "~/workspaces/source";
import {
  asksForSource,
  checkTemplateValues,
  firstValues,
  isFine,
  NO_ERRORS,
  shadowedIn,
  templateErrorsFrom,
  toTemplateRequest,
  ttlChoices,
  type TemplateErrors,
  type TemplateValues,
} from "./form";
import { ParameterFields } from "./ParameterFields";
import { templatePath, templateQuery, templatesQuery, templateTitle } from "./queries";
import { SizeFields } from "./SizeFields";
import { useFirstError } from "./useFirstError";
import { TemplateIcon } from "./TemplateIcon";
import classes from "./templates.module.css";

/** Makes a workspace of a template: its parameters are the form. */
export function NewFromTemplatePage() {
  const { name = "" } = useParams();
  const [search] = useSearchParams();
  const version = search.get("version") ?? "";
  const query = useQuery({
    ...templateQuery(name, search.get("project") ?? "", version),
    // Another version would be another form: what somebody writes is not taken away under their hands.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const template = query.data;
  usePageTitle(template ? `New workspace from ${templateTitle(template)}` : "New workspace");
  return (
    <Box maw={640} mx="auto">
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton h={420} radius="lg" />}
      {template && (
        <>
          <Link to={templatePath(template)} className={detail.crumb}>
            <ChevronLeft size={15} aria-hidden="true" />
            {templateTitle(template)}
          </Link>
          <div className={classes.head}>
            <TemplateIcon icon={template.icon} size="lg" />
            <div>
              <Title order={1} className={classes.title}>
                New workspace
              </Title>
              <Text c="dimmed" size="sm">
                From the template {templateTitle(template)}, version {template.version}
              </Text>
            </div>
          </div>
          {template.description && (
            <Text c="dimmed" mt="sm">
              {template.description}
            </Text>
          )}
          <Card padding="xl" mt="lg">
            <TemplateForm
              key={`${template.project}/${template.name}@${template.version}`}
              template={template}
              version={version}
            />
          </Card>
        </>
      )}
    </Box>
  );
}

interface TemplateFormProps {
  template: TemplateDetail;
  /** Empty: the newest when it is asked for. */
  version: string;
}

function TemplateForm({ template, version }: TemplateFormProps) {
  const taken = useTakenNames();
  const [values, setValues] = useState(() => firstValues(template, ""));
  const [errors, setErrors] = useState<TemplateErrors>(NO_ERRORS);
  const { form, showFirst } = useFirstError();
  const places = within(template.project, usePlaces(values));
  const quota = useQuery({ ...quotaAt(places.place), enabled: places.isSettled });
  const catalog = useQuery(templatesQuery).data?.items ?? [];
  const create = useCreate();
  const blocked = whyNothing(quota.data);
  const problem = create.error ? asProblem(create.error) : undefined;
  const told = problem && isFine(templateErrorsFrom(template, problem)) ? problem : undefined;
  // Until somebody writes a name, it is the template's, freed of those that are taken.
  const name = values.name || freeName(suggestName(template.name), taken);

  function put(change: Partial<TemplateValues>) {
    setValues((before) => ({ ...before, ...change }));
  }

  function refuse(wrong: TemplateErrors) {
    setErrors(wrong);
    showFirst();
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    if (blocked) {
      void quota.refetch(); // somebody may have made room in the meantime
      return;
    }
    const filled = { ...values, name, ...(places.isDefault ? {} : places.place) };
    const shadowed = shadowedIn(places.place.project, template, catalog);
    const wrong = {
      ...checkTemplateValues(template, filled, quota.data),
      ...(shadowed ? { project: shadowed } : {}),
    };
    refuse(wrong);
    if (!isFine(wrong)) return;
    create.mutate(toTemplateRequest(template, filled, version), {
      onError: (error) => refuse(templateErrorsFrom(template, asProblem(error))),
    });
  }

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        {template.withdrawn && (
          <ProblemBox
            tone="warning"
            title="This template is withdrawn"
            hint="New workspaces cannot be made of it."
          />
        )}
        {blocked && (
          <ProblemBox
            title={blocked.title}
            detail={blocked.detail}
            hint={[blocked.hint, roomElsewhere(places)].filter(Boolean).join(" ")}
          />
        )}
        {told && <ProblemBox title={told.title} detail={told.detail} hint={told.hint} />}
        <TextInput
          label="Name"
          required
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          error={errors.name}
          value={name}
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        <PlaceFields places={places} errors={errors} onChange={put} />
        {asksForSource(template) && <SourceFields values={values} errors={errors} put={put} />}
        <ParameterFields
          parameters={template.parameters}
          written={values.parameters}
          errors={errors.parameters}
          onChange={(parameter, text) => {
            put({ parameters: { ...values.parameters, [parameter]: text } });
            setErrors((before) => ({ ...before, parameters: without(before.parameters, parameter) }));
          }}
          fixing
        />
        <SizeFields
          template={template}
          quota={quota.data}
          choice={values.size}
          own={values.own}
          errors={errors.size}
          onChoice={(size) => put({ size })}
          onOwn={(own) => put({ own })}
        />
        <NativeSelect
          label="Stop when idle for"
          data={ttlChoices(template)}
          error={errors.ttl}
          value={values.ttl}
          onChange={(event) => put({ ttl: event.currentTarget.value })}
        />
        {quota.data && !blocked && whatIsLeft(quota.data) && (
          <Text size="sm" c="dimmed">
            Your limits: {whatIsLeft(quota.data)}.
          </Text>
        )}
        <Group justify="flex-end" gap="sm">
          <Button component={Link} to={templatePath(template)} variant="default">
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={template.withdrawn}>
            Create workspace
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A project's template is used in this project. */
function within(project: string, places: Places): Places {
  const choices = places.choices?.filter((one) => project === "" || one.project === project);
  return { ...places, choices };
}

function without(errors: TemplateErrors["parameters"], name: string): TemplateErrors["parameters"] {
  return Object.fromEntries(Object.entries(errors).filter(([own]) => own !== name));
}

interface PartProps {
  values: TemplateValues;
  put: (change: Partial<TemplateValues>) => void;
}

/** The template leaves open what is worked on. */
function SourceFields({ values, errors, put }: PartProps & { errors: TemplateErrors }) {
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, xs: 7 }}>
        <TextInput
          label="Git repository"
          description="Empty for an empty project."
          placeholder="https://github.com/owner/repository"
          leftSection={<GitBranch size={16} aria-hidden="true" />}
          spellCheck={false}
          autoCapitalize="none"
          error={errors.address}
          value={values.address}
          onChange={(event) => {
            const { url, ref } = readGitAddress(event.currentTarget.value);
            put({ address: url, ...(ref ? { ref } : {}) });
          }}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 5 }}>
        <TextInput
          label="Branch, tag or commit"
          description="Of the repository."
          placeholder="the default branch"
          spellCheck={false}
          autoCapitalize="none"
          error={errors.ref}
          value={values.ref}
          onChange={(event) => put({ ref: event.currentTarget.value })}
        />
      </Grid.Col>
    </Grid>
  );
}
