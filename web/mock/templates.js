/** What the mock server pretends of the catalog: templates, their versions, and repositories that they come from. */
import { randomBytes } from "node:crypto";

const HOUR = 36e5;
const GIB = 2 ** 30;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const size = (cpus, gib, gpus = 0) => ({ cpus, memory_bytes: gib && gib * GIB, gpus });

const NO_POLICY = {
  ttl_seconds: null,
  ttl_min_seconds: null,
  ttl_max_seconds: null,
  max_life_seconds: null,
  hard_life_seconds: null,
};

function parameter(name, more) {
  return {
    name,
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
    ...more,
  };
}

function template(name, more) {
  return {
    name,
    project: "",
    title: "",
    description: "",
    icon: "",
    version: 1,
    commit: "",
    repository_id: null,
    folder: "",
    updated_at: ago(30 * HOUR),
    updated_by: "ana",
    withdrawn: false,
    problem: "",
    workspaces: 0,
    may: ["use", "manage"],
    parameters: [],
    sizes: {},
    ceiling: null,
    grants: [],
    update: "on_demand",
    policy: NO_POLICY,
    workspace: {},
    files: [{ path: "template.yaml", size: 812 }],
    has_configuration: false,
    notices: [],
    ...more,
    older: more.older ?? [],
  };
}

const templates = [
  template("python", {
    title: "Python",
    icon: "🐍",
    description: "A Python with uv and the packages that you name, for a repository or from nothing.",
    version: 4,
    workspaces: 3,
    parameters: [
      parameter("repository", {
        title: "Git repository",
        description: "Its files are the project. Empty for an empty project.",
        default: "",
      }),
      parameter("python", {
        type: "choice",
        title: "Python version",
        choices: ["3.11", "3.12", "3.13"],
        default: "3.12",
        mutable: true,
      }),
      parameter("team", {
        title: "Team",
        description: "Who pays for it.",
        pattern: "[a-z][a-z0-9-]*",
      }),
    ],
    sizes: { small: size(1, 2), medium: size(2, 4), large: size(4, 8) },
    ceiling: size(8, 16),
    policy: { ...NO_POLICY, ttl_seconds: 3600, ttl_min_seconds: 600, ttl_max_seconds: 7200 },
    workspace: {
      source: "${parameters.repository}",
      container_image: {
        name: "python",
        python_version: "${parameters.python}",
        packages: ["pytest", "ruff"],
      },
      resources: { cpu: "2", mem: "4Gi" },
      ttl_seconds: 3600,
    },
    older: [
      {
        version: 3,
        parameters: [parameter("repository", { title: "Git repository", default: "" })],
        workspace: {
          source: "${parameters.repository}",
          container_image: { name: "python", python_version: "3.11", packages: ["pytest"] },
          resources: { cpu: "2", mem: "4Gi" },
          ttl_seconds: 1800,
        },
      },
      { version: 2 },
      { version: 1 },
    ],
  }),
  template("ml", {
    title: "Machine learning",
    icon: "📈",
    project: "vision",
    repository_id: "r1",
    folder: "ml",
    commit: "4c1f22aa90d1b7",
    description: "JupyterLab with pandas, scikit-learn and matplotlib; with a GPU where you ask for one.",
    parameters: [
      parameter("gpus", {
        type: "number",
        title: "GPUs",
        whole: true,
        minimum: 0,
        maximum: 1,
        default: 0,
        mutable: true,
      }),
      parameter("notebooks", { type: "boolean", title: "Begin with the example notebooks", default: true }),
      parameter("licence", { type: "boolean", title: "I have a licence for the data set" }),
    ],
    sizes: { notebook: size(2, 8), training: size(8, 32, 1) },
    ceiling: size(16, 64, 1),
    grants: ["gpus"],
    update: "at_start",
    files: [
      { path: "template.yaml", size: 1204 },
      { path: ".devcontainer/devcontainer.json", size: 480 },
    ],
    notices: ["The devcontainer configuration names an image by tag; a digest would stay the same."],
    workspace: { container_image: { name: "ml" }, resources: { cpu: "2", mem: "8Gi" } },
  }),
  template("compose", {
    title: "Application with PostgreSQL",
    icon: "database",
    repository_id: "r1",
    folder: "compose",
    problem: "template.yaml, line 12, column 9: there is no type 'text': string, number, boolean, choice",
    description:
      "Your application beside a PostgreSQL of its own, that starts, stops and is kept with the workspace.",
    parameters: [parameter("database", { pattern: "[a-z][a-z0-9_]{0,30}", default: "app" })],
    workspace: { resources: { cpu: "2", mem: "4Gi" } },
  }),
  template("old-shop", { title: "Shop of last year", withdrawn: true, repository_id: "r1", folder: "shop" }),
];

const repositories = [
  {
    id: "r1",
    project: "",
    url: "https://git.example.org/platform/templates.git",
    ref: "main",
    folder: "",
    created_by: "ana",
    created_at: ago(900 * HOUR),
    synced_at: ago(0.1 * HOUR),
    commit: "4c1f22aa90d1b7",
    problem: "",
    templates: [
      { folder: "ml", name: "ml", version: 1, state: "same", problem: "" },
      {
        folder: "compose",
        name: "compose",
        version: 1,
        state: "refused",
        problem: "template.yaml, line 12, column 9: there is no type 'text': string, number, boolean, choice",
      },
      { folder: "shop", name: "old-shop", version: 1, state: "withdrawn", problem: "" },
    ],
  },
  {
    id: "r2",
    project: "vision",
    url: "https://git.example.org/vision/private.git",
    ref: "",
    folder: "templates",
    created_by: "bo",
    created_at: ago(30 * HOUR),
    synced_at: null,
    commit: "",
    problem: "https://git.example.org/vision/private.git asks for a user name and password.",
    templates: [],
  },
];

/** What a workspace says of the template that it was made of. */
export const used = {
  template: {
    name: "python",
    project: "",
    version: 3,
    newest: 4,
    update_available: true,
    update: "on_demand",
    withdrawn: false,
  },
  definition: {
    template: {
      name: "python",
      version: "3",
      parameters: { repository: "https://git.example.org/shop/payments-api.git" },
    },
  },
};

function detail(found, version) {
  const { older, ...newest } = found;
  const versions = [{ version: newest.version }, ...older].map((one) => ({
    number: one.version,
    commit: newest.commit,
    created_at: ago((newest.version - one.version + 1) * 30 * HOUR),
    created_by: "ana",
  }));
  const asked = older.find((one) => String(one.version) === version);
  return { ...newest, newest: newest.version, ...asked, versions };
}

function item(found) {
  const names = [
    "name project title description icon version commit repository_id folder",
    "updated_at updated_by withdrawn problem workspaces may",
  ];
  return Object.fromEntries(
    names
      .join(" ")
      .split(" ")
      .map((name) => [name, found[name]]),
  );
}

export function route({ request, response, noun, id, action, body, query, json, problem }) {
  const missing = () =>
    problem(response, 404, "not_found", "There is no such thing", "", "`carrel template list` has them.");
  const gone = () => response.writeHead(204).end();
  if (noun === "templates") {
    if (!id) return json(response, 200, { items: templates.map(item) });
    const project = query.get("project") ?? "";
    const index = templates.findIndex((one) => one.name === id && one.project === project);
    if (index < 0) return missing();
    if (request.method === "DELETE") {
      templates.splice(index, 1);
      return gone();
    }
    return json(response, 200, detail(templates[index], query.get("version")));
  }
  if (!id && request.method === "GET") return json(response, 200, { items: repositories });
  if (!id) {
    const made = {
      ...body,
      id: randomBytes(4).toString("hex"),
      created_by: "ana",
      created_at: ago(0),
      synced_at: null,
      commit: "",
      problem: "",
      templates: [],
    };
    repositories.push(made);
    return json(response, 201, made);
  }
  const index = repositories.findIndex((one) => one.id === id);
  if (index < 0) return missing();
  if (action === "sync") repositories[index].synced_at = ago(0);
  else if (request.method === "DELETE") {
    repositories.splice(index, 1);
    return gone();
  }
  return json(response, 200, repositories[index]);
}
