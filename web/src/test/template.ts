import type { Template, TemplateDetail, TemplateParameter } from "~/api/types";

/** A template of everybody's as the catalog lists it, changed as a test needs it. */
export function template(change: Partial<Template> = {}): Template {
  return {
    name: "python",
    project: "",
    title: "Python",
    description: "A Python with uv.",
    icon: "python",
    version: 1,
    commit: "",
    repository_id: null,
    folder: "",
    updated_at: "2025-01-01T00:00:00Z",
    updated_by: "ana",
    withdrawn: false,
    problem: "",
    workspaces: 0,
    may: ["use", "manage"],
    ...change,
  };
}

/** A template with all that it says: nothing asked, nothing limited. */
export function templateDetail(change: Partial<TemplateDetail> = {}): TemplateDetail {
  return {
    ...template(),
    newest: 1,
    parameters: [],
    sizes: {},
    ceiling: null,
    grants: [],
    update: "on_demand",
    policy: {
      ttl_seconds: null,
      ttl_min_seconds: null,
      ttl_max_seconds: null,
      max_life_seconds: null,
      hard_life_seconds: null,
    },
    workspace: {},
    has_configuration: false,
    files: [],
    notices: [],
    versions: [{ number: 1, commit: "", created_at: "2025-01-01T00:00:00Z", created_by: "ana" }],
    ...change,
  };
}

/** A text that has to be said. */
export function parameter(change: Partial<TemplateParameter> = {}): TemplateParameter {
  return {
    name: "title",
    type: "string",
    title: "",
    description: "",
    default: null,
    choices: [],
    pattern: "",
    minimum: null,
    maximum: null,
    whole: false,
    mutable: false,
    ...change,
  };
}

export function size(cpus: number, gib: number, gpus = 0) {
  return { cpus, memory_bytes: gib * 2 ** 30, gpus };
}
