/** What the mock server pretends of users, projects with their members, limits and policies, and the audit. */
import { randomBytes } from "node:crypto";

const HOUR = 36e5;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const newId = () => randomBytes(6).toString("hex");

function account(id, name, role, age, more = {}) {
  const rest = { kind: "person", full_name: "", email: "", disabled: false, has_password: false };
  return { id, name, role, ...rest, created_at: ago(age * HOUR), seen_at: null, ...more };
}

const users = [
  account("u1", "ana", "owner", 900, { has_password: true, seen_at: ago(0) }),
  account("u2", "bo", "developer", 300, { full_name: "Bo Beispiel", email: "bo@example.org" }),
  account("u3", "cleo", "maintainer", 200, { disabled: true }),
  account("u4", "nightly", "developer", 100, { kind: "service", has_password: null }),
];
const tokens = [
  {
    id: "ut1",
    kind: "personal",
    title: "the build server",
    scopes: ["read", "write"],
    created_at: ago(50 * HOUR),
    expires_at: ago(-2000 * HOUR),
    used_at: ago(3 * HOUR),
  },
];

const project = (name, description, you) => ({ name, description, created_at: ago(400 * HOUR), you });
const projects = [
  project("default", "", {}),
  project("vision", "Models that look at pictures.", { "": "maintainer" }),
];
const member = (user_id, role, domain = "") => ({
  user: users.find(({ id }) => id === user_id)?.name ?? user_id,
  user_id,
  role,
  domain,
  created_at: ago(99 * HOUR),
});
const members = new Map([
  ["vision", [member("u1", "maintainer"), member("u2", "developer"), member("u2", "maintainer", "staging")]],
]);
const limits = new Map();
const policies = new Map();
const NONE = {
  workspaces: null,
  running: null,
  cpus: null,
  memory_bytes: null,
  gpus: null,
  disk_bytes: null,
};

function limitsOf(key) {
  const own = limits.get(key) ?? NONE;
  const settings = { ...NONE, running: 5, memory_bytes: 32 * 2 ** 30, gpus: 0 };
  const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
  const used = {
    workspaces: 4,
    running: 2,
    cpus: 3.5,
    memory_bytes: 28 * 2 ** 30,
    gpus: 0,
    disk_bytes: 7e10,
  };
  return { own, ceilings: { ...settings, ...said }, used };
}

function policyOf(name) {
  const chosen = policies.get(name) ?? {};
  const settings = {
    ttl_seconds: 1800,
    ttl_min_seconds: 300,
    ttl_max_seconds: 86_400,
    max_life_seconds: 86_400,
    hard_life_seconds: 0,
    archive_after_days: 14,
    delete_after_days: 30,
    trash_days: 7,
    schedule: null,
  };
  const said = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== null));
  const set_by = Object.fromEntries(Object.keys(said).map((key) => [key, "project"]));
  const in_force = { ...settings, warning_seconds: 900, notice_days: [2, 1], ...said, set_by };
  return { project: name, chosen, in_force };
}

const ACTIONS = ["workspace.created", "workspace.entered", "secret.stored", "request.start_workspace"];
const audit = Array.from({ length: 250 }, (_, index) => {
  const action = ACTIONS[index % ACTIONS.length];
  const refused = action.startsWith("request.");
  return {
    id: 1000 - index,
    at: ago(index * 0.3 * HOUR),
    actor: index % 3 ? "bo" : "ana",
    actor_id: index % 3 ? "u2" : "u1",
    action,
    subject: "workspace:w1",
    named: "ana/blog",
    project: "vision",
    domain: "development",
    outcome: refused ? "refused" : "done",
    address: "192.0.2.7",
    request_id: newId(),
    detail: refused ? { kind: "not_allowed", why: "bo may not do workspace.start here." } : { start: 3 },
  };
});

function auditPage(query) {
  const begin = Number(query.get("cursor") || 0);
  const wanted = (name) => query.get(name) ?? "";
  const rows = audit.filter(
    (row) =>
      ["actor", "project", "domain", "outcome", "subject"].every(
        (name) => !wanted(name) || row[name] === wanted(name),
      ) &&
      row.action.startsWith(wanted("action")) &&
      row.named.includes(wanted("workspace")),
  );
  const limit = Number(query.get("limit") ?? 100);
  const next_cursor = begin + limit < rows.length ? String(begin + limit) : null;
  return { items: rows.slice(begin, begin + limit), next_cursor };
}

/** True: answered. */
export function route(asked) {
  const { noun } = asked;
  if (noun === "audit") return auditRoute(asked);
  if (noun === "users") return userRoute(asked);
  if (noun === "projects") return projectRoute(asked);
  return false;
}

function auditRoute({ response, id, query, json }) {
  if (id !== "export") json(response, 200, auditPage(query));
  else {
    response.writeHead(200, { "Content-Disposition": "attachment; filename=carrel-audit.jsonl" });
    response.end(audit.map((row) => JSON.stringify(row)).join("\n"));
  }
  return true;
}

function userRoute({ request, response, id, action, body, json }) {
  const user = users.find((one) => one.id === id);
  switch (`${request.method} ${action}`) {
    case "GET ":
      json(response, 200, { items: users });
      return true;
    case "POST ":
      users.push(account(newId(), body.name, body.role ?? "developer", 0, { kind: body.kind ?? "person" }));
      json(response, 201, users.at(-1));
      return true;
    case "PATCH ":
      for (const [name, value] of Object.entries(body)) if (value !== null) user[name] = value;
      json(response, 200, user);
      return true;
    case "POST login-links":
    case "POST invites": {
      const url = `http://127.0.0.1:7071/login?code=only_a_mock_${newId()}`;
      json(response, 201, { url, expires_in_seconds: body.expires_in_seconds ?? 259_200 });
      return true;
    }
    case "GET tokens":
      json(response, 200, { items: user?.kind === "service" ? tokens : [] });
      return true;
    case "POST tokens": {
      const { title, scopes = [] } = body;
      const rest = { created_at: ago(0), expires_at: null, used_at: null };
      tokens.unshift({ id: newId(), kind: "personal", title, scopes, ...rest });
      json(response, 201, { ...tokens[0], token: "carrel_personal_only_a_mock" });
      return true;
    }
    case "DELETE tokens":
      tokens.pop();
      response.writeHead(204).end();
      return true;
    case "PUT limits":
      limits.set(id, body);
      json(response, 200, limitsOf(id));
      return true;
    case "GET limits":
      json(response, 200, limitsOf(id));
      return true;
    default:
      return false;
  }
}

function projectRoute({ request, response, id, action, more, body, query, json, problem }) {
  if (!id && request.method === "GET") {
    json(response, 200, { items: projects });
    return true;
  }
  if (!id && request.method === "POST") {
    if (projects.some(({ name }) => name === body.name))
      problem(response, 409, "name_taken", "The name is taken", "", "Choose another name.");
    else {
      projects.push(project(body.name, body.description ?? "", {}));
      json(response, 201, projects.at(-1));
    }
    return true;
  }
  const found = projects.find(({ name }) => name === id);
  if (!found) return false;
  const own = members.get(id) ?? [];
  const others = own.filter((one) => one.user_id !== more || one.domain !== (query.get("domain") ?? ""));
  switch (`${request.method} ${action}`) {
    case "GET ":
      json(response, 200, found);
      return true;
    case "PATCH ":
      Object.assign(found, body);
      json(response, 200, found);
      return true;
    case "DELETE ":
      problem(
        response,
        409,
        "wrong_state",
        "That is not possible now",
        `${id} is not empty: it has 2 workspaces.`,
        `Delete them first, also from the trash: \`carrel ls --project ${id}\`.`,
      );
      return true;
    case "GET members":
      json(response, 200, { items: own });
      return true;
    case "PUT members": {
      const put = member(more, body.role, body.domain ?? "");
      members.set(id, [...own.filter((one) => one.user_id !== more || one.domain !== put.domain), put]);
      json(response, 200, put);
      return true;
    }
    case "DELETE members":
      members.set(id, others);
      response.writeHead(204).end();
      return true;
    case "GET secrets":
    case "GET domains":
      json(response, 200, { items: [] });
      return true;
    case "GET limits":
      json(response, 200, limitsOf(id));
      return true;
    case "PUT limits":
      limits.set(id, body);
      json(response, 200, limitsOf(id));
      return true;
    case "GET policy":
      json(response, 200, policyOf(id));
      return true;
    case "PUT policy":
      policies.set(id, body);
      json(response, 200, policyOf(id));
      return true;
    default:
      return false;
  }
}
