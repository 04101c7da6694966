/** The form that makes a workspace of a template: its values, what is wrong with them, and what is sent. */
import type { ProblemDocument, Quota, Template, TemplateDetail, WorkspaceCreate } from "~/api/types";
import { formatSeconds } from "~/design/time";
import { errorsFrom as generalErrors, TTL_CHOICES, type Choice } from "~/workspaces/create/form";
import { problemWithName } from "~/workspaces/names";
import { problemWithAddress } from "~/workspaces/source";
import { chosen, errorsAt, firstWritten, problemsWith, type Written } from "./parameters";
import {
  asSaid,
  NO_SIZE,
  problemsWithSize,
  resourcesOf,
  sizeName,
  type OwnSize,
  type SizeErrors,
} from "./sizes";

export interface TemplateValues {
  name: string;
  /** Where the workspace of a template of everybody's belongs; empty: as the preferences say. */
  project: string;
  domain: string;
  /** Where the template names no source; empty: none. */
  address: string;
  ref: string;
  parameters: Written;
  size: string;
  own: OwnSize;
  /** Seconds as text, or empty for what the template says. */
  ttl: string;
}

export interface TemplateErrors {
  name?: string;
  project?: string;
  domain?: string;
  address?: string;
  ref?: string;
  ttl?: string;
  parameters: Written;
  size: SizeErrors;
}

export const NO_ERRORS: TemplateErrors = { parameters: {}, size: {} };

export function firstValues(template: TemplateDetail, name: string): TemplateValues {
  const parameters = firstWritten(template.parameters);
  return {
    name,
    project: template.project,
    domain: "",
    address: "",
    ref: "",
    parameters,
    size: "",
    own: NO_SIZE,
    ttl: "",
  };
}

/** Whether the person may name a source: the template has none. */
export function asksForSource({ workspace }: TemplateDetail): boolean {
  return workspace.source === undefined || workspace.source === null || workspace.source === "";
}

export function checkTemplateValues(
  template: TemplateDetail,
  values: TemplateValues,
  quota?: Quota,
): TemplateErrors {
  const errors: TemplateErrors = {
    parameters: problemsWith(template.parameters, values.parameters),
    size: problemsWithSize(template, values.size, values.own, quota),
  };
  const name = problemWithName(values.name.trim());
  if (name) errors.name = name;
  const address = values.address.trim() && problemWithAddress(values.address);
  if (address) errors.address = address;
  return errors;
}

/** Why a template of everybody's cannot be had in a project: one of the project's own has its name, and comes first. */
export function shadowedIn(
  project: string,
  template: Pick<Template, "name" | "project">,
  catalog: readonly Template[],
): string | undefined {
  const own = catalog.some((one) => one.name === template.name && one.project === project);
  return template.project === "" && project !== "" && own
    ? `The project ${project} has a template ${template.name} of its own; choose that one, or another project.`
    : undefined;
}

export function isFine({ parameters, size, ...rest }: TemplateErrors): boolean {
  return [parameters, size, rest].every((errors) => Object.keys(errors).length === 0);
}

export function toTemplateRequest(
  template: TemplateDetail,
  values: TemplateValues,
  version: string,
): WorkspaceCreate {
  const size = sizeName(values.size);
  const parameters = chosen(template.parameters, values.parameters);
  const use = { name: template.name, version, parameters, ...(size ? { size } : {}) };
  const request: WorkspaceCreate = { name: values.name.trim().toLowerCase(), template: use };
  if (values.project) request.project = values.project;
  if (values.domain) request.domain = values.domain;
  if (asksForSource(template) && values.address.trim()) {
    request.source = { kind: "git", url: values.address.trim(), ref: values.ref.trim() };
  }
  const own = size ? undefined : resourcesOf(template, values.size, values.own);
  if (own) request.limits = own;
  if (values.ttl) request.retention = { ttl_seconds: Number(values.ttl) };
  return request;
}

/** The fields that a problem of the server is about; fine: it is about none of them. */
export function templateErrorsFrom(template: TemplateDetail, problem: ProblemDocument): TemplateErrors {
  const parameters = errorsAt(template.parameters, problem);
  if (Object.keys(parameters).length > 0) return { parameters, size: {} };
  const { size, ...general } = generalErrors(problem);
  const shown = Object.entries(general).filter(([field]) => FIELDS.has(field));
  return { ...Object.fromEntries(shown), parameters, size: size ? { size } : {} };
}

const FIELDS = new Set(["name", "project", "domain", "address", "ref", "ttl"]);

/** Times of idleness that the template's policy lets somebody choose. */
export function ttlChoices({ policy, workspace }: Pick<TemplateDetail, "policy" | "workspace">): Choice[] {
  const said = typeof workspace.ttl_seconds === "number" ? workspace.ttl_seconds : policy.ttl_seconds;
  const least = policy.ttl_min_seconds ?? 0;
  const most = policy.ttl_max_seconds;
  const isWithin = (seconds: number) =>
    seconds === 0 ? most === null : seconds >= least && (most === null || seconds <= most);
  return TTL_CHOICES.filter(({ value }) => value === "" || isWithin(Number(value))).map((choice) =>
    choice.value === "" ? { ...choice, label: asSaid(said === null ? "" : formatSeconds(said)) } : choice,
  );
}
