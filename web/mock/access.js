/** What the mock server pretends of ports, shares, people, files and keys. */
import { randomBytes } from "node:crypto";

const HOUR = 36e5;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const ahead = (ms) => new Date(Date.now() + ms).toISOString();
const newId = () => randomBytes(6).toString("hex");

const openings = new Map();
const shares = [
  {
    id: "s1",
    user: "",
    guest: true,
    title: "the reviewers",
    level: "view",
    ports: [3000],
    created_at: ago(HOUR),
    expires_at: ahead(HOUR),
  },
  {
    id: "s2",
    user: "bo",
    guest: false,
    title: "",
    level: "edit",
    ports: [],
    created_at: ago(20 * HOUR),
    expires_at: null,
  },
];
const sshKeys = [
  {
    id: "k1",
    title: "ana@laptop",
    fingerprint: "SHA256:9Z1c4lV0oYk4yq8t1Hq0b1uRk5v2c3d4e5f6g7h8i9j",
    public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq ana@laptop",
    created_at: ago(400 * HOUR),
    used_at: ago(2 * HOUR),
  },
];
const begun = Date.now();

function ports(workspace) {
  const all = [
    [3000, "node", "http", "Preview", "notify", true],
    [5432, "postgres", "tcp", "", "silent", true],
    [8000, "", "", "Documentation", "notify", false],
    // Begins to listen while somebody looks.
    [9229, "python3", "http", "Dashboard", "openBrowser", Date.now() - begun > 20_000],
  ];
  const full = workspace.may.includes("use");
  return all
    .map(([port, process, protocol, label, on_auto_forward, listening]) => ({
      port,
      process: listening ? process : "",
      address: "127.0.0.1",
      protocol,
      label,
      on_auto_forward,
      require_local_port: false,
      elevate_if_needed: false,
      listening,
      url: `http://${port}--${workspace.name}--${workspace.owner}.localhost:7071/`,
      visibility: "private",
      expires_at: null,
      may_open: full || port === 3000,
      ...openings.get(port),
    }))
    .filter(
      ({ port, may_open, listening }) => may_open || (workspace.may.includes("read") && (listening || port)),
    );
}

function folder(path) {
  const at = path === "" ? "/workspaces/blog" : path.startsWith("~/") ? "/home/dev" : path;
  const entry = (name, kind, size, more = {}) => ({
    name,
    kind,
    target: "",
    size,
    modified: ago(5 * HOUR),
    mode: 420,
    ...more,
  });
  const items = [
    entry(".devcontainer", "folder", null),
    entry("src", "folder", null),
    entry("current", "link", null, { target: "folder" }),
    entry("README.md", "file", 2310),
    entry("package.json", "file", 914, { modified: ago(0.1 * HOUR) }),
    entry("a-very-long-name-that-does-not-fit-into-any-column-of-a-narrow-page.tar.gz", "file", 734003200),
  ];
  return { path: at.replace(/(.)\/$/, "$1"), items: at.endsWith("empty") ? [] : items, whole: true };
}

export function workspaceRoute({ request, response, workspace, action, more, body, query, json, problem }) {
  switch (`${request.method} ${action}`) {
    case "GET ports":
      return json(response, 200, { items: ports(workspace) });
    case "PUT ports": {
      const seconds = body.expires_in_seconds;
      const expires_at = seconds ? ahead(seconds * 1000) : null;
      openings.set(Number(more), { visibility: body.visibility, expires_at });
      return json(response, 200, { name: more, visibility: body.visibility, expires_at, url: "" });
    }
    case "GET environment":
      return json(response, 200, { revision: 1, workspace_folder: `/workspaces/${workspace.name}` });
    case "GET terminals":
      return json(response, 200, { items: [], may_type: workspace.may.includes("use") });
    case "GET people":
      return json(response, 200, {
        items: [
          { name: workspace.owner, ways: ["terminal main", "app code"], since: ago(HOUR), seen: ago(0) },
          { name: "guest the reviewers", ways: ["terminal main"], since: ago(HOUR / 30), seen: ago(0) },
        ],
      });
    case "GET shares":
      return json(response, 200, { items: shares });
    case "POST shares": {
      const share = {
        id: newId(),
        user: "",
        guest: false,
        title: "",
        ports: [],
        created_at: ago(0),
        ...body,
      };
      const life = body.expires_in_seconds;
      shares.push({ ...share, expires_at: life ? ahead(life * 1000) : null });
      const url = body.guest ? `http://127.0.0.1:7071/guest#crl_guest_only_a_mock_${newId()}${newId()}` : "";
      return json(response, 201, { ...shares.at(-1), url });
    }
    case "DELETE shares":
      return remove(response, shares, more);
    case "GET folder":
      if (query.get("path").startsWith("/root"))
        return problem(
          response,
          403,
          "file_denied",
          "The file system does not allow it",
          "/root: Permission denied.",
          "The user of the workspace needs the right to do this.",
        );
      return json(response, 200, folder(query.get("path")));
    case "PUT files":
      return setTimeout(() => uploaded(response, query, json, problem), 1500);
    case "GET files":
      response.writeHead(200, { "Content-Disposition": "attachment; filename=mock.txt" });
      return response.end("only a mock\n");
    default:
      return problem(response, 404, "not_found", "There is no such thing");
  }
}

function uploaded(response, query, json, problem) {
  const path = query.get("path");
  if (path.includes("full"))
    return problem(
      response,
      507,
      "no_space",
      "The disk is full",
      `${path}: 3 MiB are free.`,
      "Free space on the engine's disk (`docker system df`), then start again.",
    );
  if (path.endsWith("README.md") && query.get("overwrite") === "false")
    return problem(response, 409, "file_exists", "Something is there already", path, "Choose another name.");
  return json(response, 200, { path, size: 0 });
}

export function route({ request, response, noun, id, action, body, json, problem }) {
  switch (`${request.method} ${noun}${action ? `/${action}` : ""}`) {
    case "GET ssh":
      return json(response, 200, {
        enabled: true,
        host: "carrel.example.org",
        port: 2222,
        host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPo",
        fingerprint: "SHA256:Uu1c4lV0oYk4yq8t1Hq0b1uRk5v2c3d4e5f6g7h8i9j",
        known_hosts:
          "[carrel.example.org]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPoXqv0y8l1pQ2b3c4d5e6f7g8h9i0jklmnopqrstuv",
        certificate_hours: 12,
        problem: "",
      });
    case "GET ssh-keys":
      return json(response, 200, { items: sshKeys });
    case "POST ssh-keys": {
      const [, , comment = ""] = body.public_key.split(" ");
      const fingerprint = `SHA256:${randomBytes(32).toString("base64").slice(0, 43)}`;
      sshKeys.unshift({
        id: newId(),
        fingerprint,
        created_at: ago(0),
        used_at: null,
        ...body,
        title: body.title || comment,
      });
      return json(response, 201, sshKeys[0]);
    }
    case "DELETE ssh-keys":
      return remove(response, sshKeys, id);
    default:
      return problem(response, 404, "not_found", "There is no such thing");
  }
}

function remove(response, list, id) {
  list.splice(
    list.findIndex((one) => one.id === id),
    1,
  );
  return response.writeHead(204).end();
}
