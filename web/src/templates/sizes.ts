/** Which sizes a template's workspace may have: those that it names, or one's own under its ceiling. */
import type { Quota, TemplateDetail } from "~/api/types";
import { formatBytes } from "~/design/size";
import { sizeOf, type Choice } from "~/workspaces/create/form";
import { whyNotSize } from "~/workspaces/create/quota";

/** null or 0: nothing is said. */
export interface Resources {
  cpus: number | null;
  memory_bytes: number | null;
  gpus: number;
}

/** What is written into the fields of a size of one's own. */
export interface OwnSize {
  cpus: string;
  /** GiB. */
  memory: string;
  gpus: string;
}

export const NO_SIZE: OwnSize = { cpus: "", memory: "", gpus: "" };
/** The choice of a size of one's own. */
export const OWN = "own";
const NAMED = "size:";
const GIB = 2 ** 30;
const LEAST_MEMORY = 16 * 2 ** 20;
const COMMON = ["1:2", "2:4", "4:8", "8:16", "16:32"];

type Sized = Pick<TemplateDetail, "sizes" | "ceiling" | "workspace">;

/** `2 CPUs, 4 GiB of memory, 1 GPU`. */
export function sizeWords({ cpus, memory_bytes, gpus }: Resources): string {
  const parts = [
    cpus !== null && `${Number(cpus.toFixed(2))} ${cpus === 1 ? "CPU" : "CPUs"}`,
    memory_bytes !== null && `${formatBytes(memory_bytes)} of memory`,
    gpus > 0 && `${gpus} ${gpus === 1 ? "GPU" : "GPUs"}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** The choices of the form, first the template's own; those for which too little is left cannot be chosen. */
export function templateSizes(template: Sized, quota?: Quota): Choice[] {
  const named = Object.entries(template.sizes).map(([name, size]) => ({
    value: `${NAMED}${name}`,
    label: sizeWords(size) ? `${name}: ${sizeWords(size)}` : name,
    size,
  }));
  const common = COMMON.map((value) => ({ value, size: { ...sizeOf(value), gpus: 0 } as Resources }))
    .filter(({ size }) => whyOverCeiling(template, size) === undefined)
    .map(({ value, size }) => ({ value, label: sizeWords(size), size }));
  return [
    { value: "", label: asSaid(sizeWords(saidSize(template))) },
    ...(named.length > 0 ? named : common).map(({ value, label, size }) => {
      const disabled = whyNotResources(quota, size) !== undefined;
      return { value, label: disabled ? `${label} (too little is left)` : label, disabled };
    }),
    { value: OWN, label: "Another size…" },
  ];
}

/** What choosing nothing means, where the template says it plainly. */
export function asSaid(words: string): string {
  return words ? `As the template says (${words})` : "As the template says";
}

const UNITS: Record<string, number> = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** The size that stands in the template's workspace; what depends on a parameter is not told. */
function saidSize({ workspace }: Sized): Resources {
  const said = (key: string) => {
    const resources: unknown = workspace.resources;
    const members = typeof resources === "object" && resources !== null ? Object.entries(resources) : [];
    const value: unknown = members.find(([name]) => name === key)?.[1];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([MGT]i)$/.exec(said("mem")) ?? [];
  return {
    cpus: numberIn(said("cpu")) ?? null,
    memory_bytes: amount ? Number(amount) * (UNITS[unit] ?? 0) : null,
    gpus: numberIn(said("gpu")) ?? 0,
  };
}

/** What a choice and the fields beside it mean; undefined: as the template says. */
export function resourcesOf(template: Sized, choice: string, own: OwnSize): Resources | undefined {
  if (choice === OWN) {
    const memory = numberIn(own.memory);
    return {
      cpus: numberIn(own.cpus) ?? null,
      memory_bytes: memory === undefined ? null : Math.round(memory * GIB),
      gpus: numberIn(own.gpus) ?? 0,
    };
  }
  if (choice.startsWith(NAMED)) return template.sizes[choice.slice(NAMED.length)];
  const common = sizeOf(choice);
  return common && { ...common, gpus: 0 };
}

/** The name of a size of the template; empty: the choice is none. */
export function sizeName(choice: string): string {
  return choice.startsWith(NAMED) ? choice.slice(NAMED.length) : "";
}

/** How many GPUs a workspace of it could have at most; 0: it is not asked for any. */
export function mostGpus({ sizes, ceiling }: Sized): number {
  return ceiling ? ceiling.gpus : Math.max(0, ...Object.values(sizes).map(({ gpus }) => gpus));
}

export type SizeErrors = Partial<Record<"size" | keyof OwnSize, string>>;

/** What is wrong with a choice and the fields beside it. */
export function problemsWithSize(template: Sized, choice: string, own: OwnSize, quota?: Quota): SizeErrors {
  const errors = choice === OWN ? problemsWithOwn(own) : {};
  const size = resourcesOf(template, choice, own);
  if (Object.keys(errors).length > 0 || size === undefined) return errors;
  const problem = whyOverCeiling(template, size) ?? whyNotResources(quota, size);
  return problem ? { size: problem } : {};
}

function problemsWithOwn(own: OwnSize): SizeErrors {
  const errors: SizeErrors = {};
  if (own.cpus && !(atLeast(own.cpus, 0.01) && (numberIn(own.cpus) ?? 0) <= 4096))
    errors.cpus = "A number of CPUs, such as 2 or 0.5.";
  if (own.memory && !atLeast(own.memory, LEAST_MEMORY / GIB)) errors.memory = "GiB, such as 4 or 0.5.";
  if (own.gpus && !/^\d{1,2}$/.test(own.gpus.trim())) errors.gpus = "A whole number.";
  if (Object.values(own).every((text: string) => text.trim() === "")) errors.cpus = "Give at least one.";
  return errors;
}

function numberIn(text: string): number | undefined {
  return /^(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : undefined;
}

function atLeast(text: string, least: number): boolean {
  return (numberIn(text) ?? -1) >= least;
}

/** Why the template does not let a workspace be so large; undefined: it does. */
export function whyOverCeiling({ ceiling }: Sized, size: Resources): string | undefined {
  if (!ceiling) return undefined;
  const over =
    (ceiling.cpus !== null && (size.cpus ?? 0) > ceiling.cpus) ||
    (ceiling.memory_bytes !== null && (size.memory_bytes ?? 0) > ceiling.memory_bytes) ||
    size.gpus > ceiling.gpus;
  if (!over) return undefined;
  const most = sizeWords(ceiling);
  return `A workspace of this template may have ${most ? `${most}${ceiling.gpus ? "" : ", no GPU,"}` : "no GPU"} at most.`;
}

function whyNotResources(quota: Quota | undefined, size: Resources): string | undefined {
  const gpus = quota?.most.gpus ?? null;
  if (gpus !== null && size.gpus > gpus) {
    return gpus === 0 ? "No GPU is left for you now." : `${gpus} GPUs are left for you now.`;
  }
  return whyNotSize(quota, { cpus: size.cpus ?? 0, memory_bytes: size.memory_bytes ?? 0 });
}
