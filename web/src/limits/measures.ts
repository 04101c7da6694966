/** What is limited, in the order in which people ask for it. */
import type { Ceilings, LimitsOf } from "~/api/types";
import { formatBytes } from "~/design/size";

export type Measure = keyof Ceilings;

export interface MeasureText {
  measure: Measure;
  label: string;
  /** What the field counts. */
  about: string;
  /** How many of what is counted are one of what is typed. */
  unit: number;
  suffix: string;
  /** Digits after the point that can be typed. */
  digits: number;
}

const GIB = 2 ** 30;

export const MEASURES: readonly MeasureText[] = [
  { measure: "workspaces", label: "Workspaces", about: "the trash excluded", unit: 1, suffix: "", digits: 0 },
  { measure: "running", label: "Running", about: "at the same time", unit: 1, suffix: "", digits: 0 },
  { measure: "cpus", label: "CPUs", about: "of those that run", unit: 1, suffix: "", digits: 2 },
  {
    measure: "memory_bytes",
    label: "Memory",
    about: "of those that run",
    unit: GIB,
    suffix: " GiB",
    digits: 3,
  },
  { measure: "gpus", label: "GPUs", about: "of those that run", unit: 1, suffix: "", digits: 0 },
  {
    measure: "disk_bytes",
    label: "Disk",
    about: "as last measured, the trash included",
    unit: GIB,
    suffix: " GiB",
    digits: 3,
  },
];

/** What is typed in each field; empty: as the settings say. */
export type LimitValues = Record<Measure, number | "">;

export function valuesOf(own: Ceilings): LimitValues {
  const entries = MEASURES.map(({ measure, unit }) => {
    const most = own[measure];
    return [measure, most === null ? "" : most / unit] as const;
  });
  return Object.fromEntries(entries) as LimitValues;
}

/** As the API takes it. */
export function ceilingsOf(values: LimitValues): Ceilings {
  const entries = MEASURES.map(({ measure, unit, digits }) => {
    const typed = values[measure];
    if (typed === "") return [measure, null] as const;
    // Bytes are whole, whatever part of a GiB was typed.
    return [measure, unit > 1 || digits === 0 ? Math.round(typed * unit) : typed] as const;
  });
  return Object.fromEntries(entries) as unknown as Ceilings;
}

/** So much of a measure, in words. */
export function amount(measure: Measure, value: number): string {
  if (measure === "memory_bytes" || measure === "disk_bytes") return formatBytes(value);
  return String(Number(value.toFixed(2)));
}

export interface Standing {
  used: string;
  /** Undefined: there is no limit. */
  most: string | undefined;
  /** Of 100; 0 where there is no limit. */
  percent: number;
  /** Said of this one, not by the settings. */
  isOwn: boolean;
  isFull: boolean;
}

/** How somebody or a project stands at one measure. */
export function standingOf({ own, ceilings, used }: LimitsOf, measure: Measure): Standing {
  const most = ceilings[measure];
  const has = used[measure];
  const isFull = most !== null && has >= most;
  return {
    used: amount(measure, has),
    most: most === null ? undefined : amount(measure, most),
    percent: most === null || has === 0 ? 0 : Math.min(100, (100 * has) / most),
    isOwn: own[measure] !== null,
    // None allowed and none there is no trouble.
    isFull: isFull && has > 0,
  };
}
