/** The form that makes a workspace: its values, what is sent, and at which field a problem of the server belongs. */
import type { ProblemDocument, Quota, WorkspaceCreate } from "~/api/types";
import { problemWithName } from "../names";
import { problemWithAddress } from "../source";
import { neverFits, whyNotSize, type Size } from "./quota";

export interface CreateValues {
  address: string;
  ref: string;
  name: string;
  /** Where it belongs, or empty for what the person prefers. */
  project: string;
  domain: string;
  /** `cpus:GiB`, or empty for the server's default. */
  size: string;
  devcontainer: string;
  /** Seconds as text, or empty for the server's default. */
  ttl: string;
  /** Repository of dotfiles, or empty for the person's preference. */
  dotfiles: string;
  /** Values by name of what the repository would like to have. */
  secrets: Record<string, string>;
}

export const EMPTY: CreateValues = {
  address: "",
  ref: "",
  name: "",
  project: "",
  domain: "",
  size: "",
  devcontainer: "",
  ttl: "",
  dotfiles: "",
  secrets: {},
};

export type CreateErrors = Partial<Record<keyof CreateValues, string>>;

export function checkValues(values: CreateValues, quota?: Quota): CreateErrors {
  const errors: CreateErrors = {};
  const address = problemWithAddress(values.address);
  if (address) errors.address = address;
  const name = problemWithName(values.name.trim());
  if (name) errors.name = name;
  if (values.devcontainer.startsWith("/") || values.devcontainer.split("/").includes("..")) {
    errors.devcontainer = "Give a path inside the repository, such as .devcontainer/devcontainer.json.";
  }
  const size = sizeOf(values.size);
  const tooLarge = size && whyNotSize(quota, size);
  if (tooLarge) errors.size = tooLarge;
  return errors;
}

const GIB = 2 ** 30;

/** The size that a choice means; undefined: the server's default. */
export function sizeOf(choice: string): Size | undefined {
  const [cpus, gib] = choice.split(":").map(Number);
  return cpus && gib ? { cpus, memory_bytes: gib * GIB } : undefined;
}

export function toRequest(values: CreateValues): WorkspaceCreate {
  const request: WorkspaceCreate = {
    name: values.name.trim().toLowerCase(),
    source: { kind: "git", url: values.address.trim(), ref: values.ref.trim() },
  };
  if (values.project) request.project = values.project;
  if (values.domain) request.domain = values.domain;
  if (values.devcontainer.trim()) request.devcontainer = values.devcontainer.trim();
  const size = sizeOf(values.size);
  if (size) request.limits = size;
  if (values.ttl) request.retention = { ttl_seconds: Number(values.ttl) };
  if (values.dotfiles.trim()) request.dotfiles = { repository: values.dotfiles.trim() };
  const secrets = Object.entries(values.secrets).filter(([, value]) => value !== "");
  if (secrets.length > 0) request.secrets = Object.fromEntries(secrets);
  return request;
}

const FIELD_OF_KIND: Partial<Record<string, keyof CreateValues>> = {
  bad_name: "name",
  name_taken: "name",
  bad_source: "address",
  source_unreachable: "address",
  source_denied: "address",
  folder_not_shared: "address",
  ref_not_found: "ref",
  bad_configuration: "devcontainer",
  choose_configuration: "devcontainer",
  over_quota: "size",
};

const FIELD_OF_MEMBER: Partial<Record<string, keyof CreateValues>> = {
  name: "name",
  url: "address",
  source: "address",
  ref: "ref",
  project: "project",
  domain: "domain",
  devcontainer: "devcontainer",
  limits: "size",
  retention: "ttl",
  dotfiles: "dotfiles",
};

/** The fields that a problem is about, each with what to say there; empty: it is about none of them. */
export function errorsFrom(problem: ProblemDocument): CreateErrors {
  const errors: CreateErrors = {};
  for (const { loc, msg } of problem.errors ?? []) {
    const field = loc.map((part) => FIELD_OF_MEMBER[String(part)]).findLast((own) => own !== undefined);
    if (field) errors[field] = msg;
  }
  const field = FIELD_OF_KIND[problem.kind];
  if (field) errors[field] = [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" ");
  return errors;
}

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

const SIZES: readonly [cpus: number, gib: number][] = [
  [1, 2],
  [2, 4],
  [4, 8],
  [8, 16],
  [16, 32],
];

/** The sizes that fit on the machine and below the ceilings; those for which too little is left cannot be chosen. */
export function sizeChoices(
  machine: { cpus: number; memory_bytes: number } | undefined,
  quota?: Quota,
): Choice[] {
  const fits = ([cpus, gib]: readonly [number, number]) =>
    (machine === undefined ||
      machine.cpus === 0 ||
      (cpus <= machine.cpus && gib * GIB <= machine.memory_bytes)) &&
    !neverFits(quota, { cpus, memory_bytes: gib * GIB });
  return [
    { value: "", label: "Default" },
    ...SIZES.filter(fits).map(([cpus, gib]) => {
      const disabled = whyNotSize(quota, { cpus, memory_bytes: gib * GIB }) !== undefined;
      return {
        value: `${cpus}:${gib}`,
        label: `${cpus} ${cpus === 1 ? "CPU" : "CPUs"}, ${gib} GiB memory${disabled ? " (too little is left)" : ""}`,
        disabled,
      };
    }),
  ];
}

export const TTL_CHOICES: Choice[] = [
  { value: "", label: "Default" },
  { value: "1800", label: "30 minutes" },
  { value: "7200", label: "2 hours" },
  { value: "28800", label: "8 hours" },
  { value: "0", label: "Never" },
];
