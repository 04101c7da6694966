/** Who may open a port: in words, and how long. */
import type { Server, Visibility } from "~/api/types";

export const VISIBILITIES: Record<Visibility, { label: string; means: string }> = {
  private: {
    label: "Private",
    means: "You, those with whom you share it for editing, and those to whom you name this port.",
  },
  project: { label: "Project", means: "Everybody who may see this workspace, after signing in." },
  public: { label: "Public", means: "Anybody on the network who has the address, without signing in." },
};

const ORDER = ["private", "project", "public"] as const;
const HOUR = 3600;

export interface Life {
  value: string;
  label: string;
}

const LIVES: readonly Life[] = [
  { value: `${HOUR}`, label: "1 hour" },
  { value: `${8 * HOUR}`, label: "8 hours" },
  { value: `${24 * HOUR}`, label: "a day" },
  { value: `${7 * 24 * HOUR}`, label: "7 days" },
];

/** What an administrator set as the widest circle and the longest time; without limits where the server does not say. */
export interface Ceiling {
  visibility: Visibility;
  publicHours: number;
}

export function ceilingOf(server: Server | undefined): Ceiling {
  const { port_visibility_ceiling: visibility, public_port_max_hours: hours } = server?.settings ?? {};
  return {
    visibility: ORDER.find((one) => one === visibility) ?? "public",
    publicHours: typeof hours === "number" ? hours : 0,
  };
}

export function isWithin(visibility: Visibility, ceiling: Ceiling): boolean {
  return ORDER.indexOf(visibility) <= ORDER.indexOf(ceiling.visibility);
}

/** How long it can be opened; the empty choice is "until it is closed". */
export function livesFor(visibility: Visibility, ceiling: Ceiling): Life[] {
  if (visibility === "private") return [];
  if (visibility === "project") return [{ value: "", label: "until you close it" }, ...LIVES];
  const most = ceiling.publicHours * HOUR;
  const allowed = LIVES.filter(({ value }) => most === 0 || Number(value) <= most);
  return allowed.length > 0 ? allowed : [{ value: `${most}`, label: `${ceiling.publicHours} hours` }];
}
