/** A stand-in for the Carrel server while the pages are made: `npm run build && npm run mock`.
 *
 * Serves dist/ as the real server does, with its strict content security policy, and an API of the same shape whose
 * workspaces only pretend. MOCK_EMPTY=1 begins without workspaces, MOCK_GUEST=1 as a guest; the token is `carrel`.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as access from "./access.js";
import * as people from "./people.js";
import * as templates from "./templates.js";
import { shell } from "./websocket.js";
import * as world from "./world.js";
import * as yourself from "./yourself.js";

const PORT = Number(process.env.MOCK_PORT ?? 7071);
const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const COOKIE = "carrel_session=mock";
const past = (days) => new Date(Date.now() - days * 864e5).toISOString();
const credentials = [
  { host: "git.example.org", username: "ana", kind: "token", created_at: past(10), updated_at: past(10) },
];
const tokens = [
  {
    id: "t1",
    kind: "personal",
    title: "local owner",
    scopes: [],
    created_at: past(40),
    expires_at: null,
    used_at: past(0.1),
  },
  {
    id: "t2",
    kind: "session",
    title: "Chromium on Linux",
    scopes: [],
    created_at: past(2),
    expires_at: past(-28),
    used_at: past(0),
  },
];

if (!process.env.MOCK_EMPTY) world.furnish(PORT);
if (process.env.MOCK_GUEST) {
  for (const workspace of world.workspaces.values())
    Object.assign(workspace, { may: ["watch"], shared: "view" });
}

function json(response, status, body) {
  response.writeHead(status, {
    "Content-Type": status >= 400 ? "application/problem+json" : "application/json",
  });
  response.end(JSON.stringify(body));
}

function problem(response, status, kind, title, detail, hint) {
  json(response, status, { type: `urn:carrel:problem:${kind}`, kind, title, status, detail, hint });
}

function page(response, path) {
  const file = join(DIST, path);
  const found = path !== "/" && !path.includes("..") && existsSync(file);
  const nonce = randomBytes(16).toString("base64");
  const headers = {
    "Content-Type": TYPES[found ? extname(file) : ".html"] ?? "application/octet-stream",
    "Content-Security-Policy": `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'`,
    "X-Content-Type-Options": "nosniff",
  };
  response.writeHead(200, headers);
  if (found) return response.end(readFileSync(file));
  return response.end(readFileSync(join(DIST, "index.html"), "utf8").replaceAll("__CSP_NONCE__", nonce));
}

/** Send what `pending` returns after the last id, now and after every change. */
function stream(request, response, pending) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": hello\n\n");
  let last = Number(request.headers["last-event-id"] ?? 0);
  const push = () => {
    for (const { id, data } of pending(last)) {
      response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
      last = id;
    }
  };
  push();
  world.listeners.add(push);
  const beat = setInterval(() => response.write(": beat\n\n"), 15_000);
  request.on("close", () => {
    clearInterval(beat);
    world.listeners.delete(push);
  });
}

function logStream(request, response, workspace, name) {
  const log = () => world.logsOf.get(workspace.id).get(name)?.chunks ?? [];
  stream(request, response, (last) =>
    log()
      .map((data) => ({ id: data.seq, data }))
      .slice(last),
  );
}

function workspaceRoute(request, response, workspace, [action, more], body, query) {
  const command = `${request.method} ${action}`;
  switch (command) {
    case "GET ":
      return json(response, 200, workspace);
    case "GET events":
      return stream(request, response, (last) =>
        world.eventsOf
          .get(workspace.id)
          .slice(last)
          .map((data) => ({ id: data.number, data })),
      );
    case "GET logs": {
      const name = query.get("stream");
      if (name) return logStream(request, response, workspace, name);
      const streams = [...world.logsOf.get(workspace.id).values()].map(({ chunks, ...log }) => ({
        ...log,
        dropped: 0,
        characters: chunks.reduce((sum, { text }) => sum + text.length, 0),
      }));
      return json(response, 200, { streams, items: [], last: 0 });
    }
    case "GET timeline": {
      const spans = world.spansOf.get(workspace.id);
      const start = Number(query.get("start") ?? Math.max(0, ...spans.map((span) => span.start)));
      return json(response, 200, { start, spans: spans.filter((span) => span.start === start) });
    }
    case "PATCH ":
      if (body.template && workspace.template) {
        workspace.template = { ...workspace.template, version: 4, update_available: false };
        Object.assign(workspace.definition.template.parameters, body.template.parameters);
      }
      return json(response, 200, workspace);
    case "GET why":
      return json(response, 200, {
        alive: true,
        reason:
          "Somebody typed into terminal main 6 minutes ago; it stops after 30 minutes without activity.",
        stops_at: workspace.stops_at,
        deadline: null,
        idle_since: workspace.last_activity_at,
        retention: workspace.retention,
        signals: [{ kind: "input", at: workspace.last_activity_at, detail: "terminal main" }],
      });
    case "GET apps":
      return json(response, 200, {
        items: workspace.apps.map((app) => ({
          ...app,
          state: "done",
          detail: "",
          restarts: 0,
          may_open: workspace.may.includes("use"),
        })),
      });
    case "GET hooks":
    case "POST hooks":
      return json(response, 200, { items: workspace.phase === "running" ? hooks(workspace) : [] });
    case "GET secrets":
      return json(response, 200, { items: inspection().secrets });
    case "POST start":
    case "POST restart":
    case "POST rebuild":
      workspace.goal = "run";
      workspace.start += 1;
      world.tell(workspace, "goal_changed", { goal: "run", by: "ana", reason: action });
      void world.climb(workspace, { first: action === "rebuild" || !workspace.commit }, PORT);
      return json(response, 200, workspace);
    case "POST stop":
      workspace.goal = "stop";
      void world.halt(workspace, "Asked for by ana");
      return json(response, 200, workspace);
    case "POST undelete":
      Object.assign(workspace, { goal: "stop", phase: "stopped", purge_after: null });
      world.tell(workspace, "undeleted", { by: "ana" });
      return json(response, 200, workspace);
    case "DELETE ":
      workspace.goal = "delete";
      void world.remove(workspace, query.get("purge") === "true");
      return json(response, 202, workspace);
    default:
      return access.workspaceRoute({
        request,
        response,
        workspace,
        action,
        more,
        body,
        query,
        json,
        problem,
      });
  }
}

function create(response, body) {
  const taken = [...world.workspaces.values()].some(
    ({ name, goal }) => name === body.name && goal !== "delete",
  );
  if (taken)
    return problem(
      response,
      409,
      "name_taken",
      "The name is taken",
      `There is already a workspace “${body.name}”.`,
      "Choose another name, or delete the workspace that has it.",
    );
  const workspace = world.create(body);
  void world.climb(workspace, { first: true, fails: body.name.includes("fail") }, PORT);
  return json(response, 201, workspace);
}

function api(request, response, url, body) {
  const [, , , noun, id, action = "", more = ""] = url.pathname.split("/");
  if (noun === "session" && id === "ways") return json(response, 200, { password: true, oidc: "Example ID" });
  const signedIn = request.headers.cookie?.includes(COOKIE);
  if (noun === "session" && request.method === "POST") {
    if (body.token !== "carrel" && body.password !== "carrel")
      return problem(response, 401, "not_authenticated", "Sign in first");
    response.setHeader("Set-Cookie", `${COOKIE}; HttpOnly; SameSite=Strict; Path=/`);
    return json(response, 200, session());
  }
  if (!signedIn)
    return problem(response, 401, "not_authenticated", "Sign in first", "", "Run `carrel login`.");
  if (noun === "session" && request.method === "DELETE") {
    response.setHeader("Set-Cookie", `${COOKIE}; Max-Age=0; Path=/`);
    return response.writeHead(204).end();
  }
  if (noun === "session") return json(response, 200, session());
  if (noun === "server") return json(response, 200, serverDocument());
  if (noun === "tokens") return tokenRoute(request, response, id, body);
  if (noun === "events")
    return stream(request, response, (last) =>
      world.allEvents.map((data, index) => ({ id: index + 1, data })).slice(last),
    );
  if (noun === "git-credentials") return credentialRoute(request, response, id, action, body);
  if (noun === "secrets") return secretRoute(request, response, id, body);
  if (noun === "preferences") {
    if (request.method === "PUT") Object.assign(preferences, body);
    yourself.preferencesChanged(preferences);
    return json(response, 200, preferences);
  }
  const asked = { request, response, noun, id, action, more, body, query: url.searchParams, json, problem };
  if (people.route(asked)) return;
  if (["ssh", "ssh-keys"].includes(noun))
    return access.route({ request, response, noun, id, action, body, json, problem });
  if (["projects", "templates", "template-repositories"].includes(noun)) {
    const query = url.searchParams;
    return templates.route({ request, response, noun, id, action, body, query, json, problem });
  }
  if (["me", "sessions", "identities", "signing-key", "quota"].includes(noun))
    return yourself.route({ request, response, noun, id, body, query: url.searchParams, json });
  if (noun === "inspections") return json(response, 200, inspection());
  if (noun === "workspaces" && !id) {
    if (request.method === "POST") return create(response, body);
    const deleted = url.searchParams.get("deleted") === "true";
    const items = [...world.workspaces.values()].filter(
      (workspace) => (workspace.goal === "delete") === deleted,
    );
    return json(response, 200, { items, next_cursor: null });
  }
  const workspace = world.workspaces.get(id);
  if (noun !== "workspaces" || !workspace)
    return problem(
      response,
      404,
      "not_found",
      "There is no such thing",
      "No workspace has this name or id.",
      "Check the name; `carrel ls` lists your workspaces.",
    );
  return workspaceRoute(request, response, workspace, [action, more], body, url.searchParams);
}

/** MOCK_GUEST=1: a guest of the first workspace looks at it. */
function session() {
  if (process.env.MOCK_GUEST) return { user: "guest reviewers", user_id: "s1", role: "guest" };
  return { user: "ana", user_id: "u1", role: "owner" };
}

function serverDocument() {
  return {
    version: "0.1.0",
    database: "sqlite",
    runtime: {
      name: "docker",
      version: "20.10.24",
      architecture: "amd64",
      builder: "buildkit",
      cpus: 8,
      memory_bytes: 16 * 2 ** 30,
      gpus: 0,
      shares_folders: true,
      problem: "",
      notices: [],
    },
    git_login_hosts: ["github.com", "gitlab.example.org"],
    settings: {
      mode: "local",
      default_project: "default",
      default_domain: "development",
      token_max_days: 0,
      ttl_seconds: 1800,
      trash_days: 7,
      default_image: "debian:12-slim",
      port_visibility_ceiling: "public",
      public_port_max_hours: 24,
    },
  };
}

function tokenRoute(request, response, id, body) {
  const made = { scopes: [], created_at: new Date().toISOString(), expires_at: null, used_at: null };
  if (request.method === "POST") {
    const life = body.life_seconds;
    if (life) made.expires_at = past(-life / 86_400);
    const { title, scopes = [] } = body;
    tokens.push({ ...made, id: randomBytes(4).toString("hex"), kind: "personal", title, scopes });
    return json(response, 201, { ...tokens.at(-1), token: "carrel_personal_only_a_mock" });
  }
  if (request.method === "DELETE") return removeFrom(response, tokens, "id", id);
  return json(response, 200, { items: tokens });
}

function credentialRoute(request, response, host, action, body) {
  const store = (username, kind) => {
    const now = new Date().toISOString();
    const earlier = credentials.findIndex((one) => one.host === host);
    if (earlier >= 0) credentials.splice(earlier, 1);
    credentials.push({ host, username, kind, created_at: now, updated_at: now });
  };
  if (action === "login")
    return yourself.loginRoute(request, response, host, json, () => store("oauth2", "login"));
  if (request.method === "PUT") {
    store(body.username, "token");
    return json(response, 201, credentials.at(-1));
  }
  if (request.method === "DELETE") return removeFrom(response, credentials, "host", host);
  return json(response, 200, { items: credentials });
}

function hooks(workspace) {
  const one = {
    name: "",
    origin: "devcontainer.json",
    detail: "",
    began: workspace.goal_at,
    ended: workspace.goal_at,
  };
  const failed = workspace.degraded !== "";
  return [
    { ...one, stage: "onCreate", state: "done", exit_code: 0, log: "hook:onCreate" },
    {
      ...one,
      stage: "postCreate",
      state: failed ? "failed" : "done",
      exit_code: failed ? 1 : 0,
      log: "hook:postCreate",
    },
  ];
}

const secrets = [];
const preferences = {
  dotfiles: { repository: "", target: "~/dotfiles", command: "" },
  start_on_connect: false,
  project: "",
  domain: "",
  sign_commits: false,
};

function secretRoute(request, response, name, body) {
  if (request.method === "PUT") {
    const now = new Date().toISOString();
    secrets.push({ name, sources: body.sources, created_at: now, updated_at: now });
    return json(response, 201, secrets.at(-1));
  }
  if (request.method === "DELETE") return removeFrom(response, secrets, "name", name);
  return json(response, 200, { items: secrets });
}

function inspection() {
  const wanted = { description: "To sign in to the test system.", declared: true, given_by: "" };
  return {
    configurations: [".devcontainer/devcontainer.json"],
    config_path: ".devcontainer/devcontainer.json",
    name: "",
    secrets: [{ ...wanted, name: "API_TOKEN", documentation_url: "https://docs.example.org/token" }],
    requirements: {},
    unmet: [],
  };
}

function removeFrom(response, list, key, value) {
  list.splice(
    list.findIndex((own) => own[key] === value),
    1,
  );
  return response.writeHead(204).end();
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${PORT}`);
  if (!url.pathname.startsWith("/api/")) return page(response, url.pathname);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // An upload is no document.
  const text = url.pathname.endsWith("/files") ? "" : Buffer.concat(chunks).toString();
  return api(request, response, url, text ? JSON.parse(text) : {});
});
server.on("upgrade", shell);
server.listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
