/** The workspaces of the mock server: enough behaviour to look at every page, nothing more. */
import { randomBytes } from "node:crypto";
import { used } from "./templates.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GIB = 2 ** 30;
const iso = (ms) => new Date(ms).toISOString();
const ago = (ms) => iso(Date.now() - ms);
const ahead = (ms) => iso(Date.now() + ms);

export const workspaces = new Map();
export const eventsOf = new Map();
export const logsOf = new Map();
export const spansOf = new Map();
export const listeners = new Set();
export const allEvents = [];
const runs = new Map();

export function appsOf(workspace, port) {
  const app = (name, title, icon) => ({
    name,
    title,
    icon,
    share: "private",
    url: `http://${name}--${workspace.name}--${workspace.owner}.localhost:${port}/`,
  });
  return [app("code", "VS Code", "code")];
}

function make(name, url, more = {}) {
  const id = more.id ?? randomBytes(6).toString("hex");
  const workspace = {
    id,
    name,
    owner: "ana",
    project: "default",
    domain: "development",
    source: { kind: "git", url, ref: "" },
    devcontainer: "",
    goal: "run",
    phase: "pending",
    degraded: "",
    archived: false,
    problem: null,
    revision: 1,
    start: 1,
    commit: "",
    branch: "",
    limits: { cpus: 2, memory_bytes: 4 * GIB, pids: 4096, shm_bytes: null, gpus: 0 },
    egress: "open",
    retention: {
      ttl_seconds: 1800,
      max_life_seconds: 86400,
      hard_life_seconds: 0,
      on_idle: "stop",
      on_deadline: "stop",
    },
    apps: [],
    created_at: ago(3 * DAY),
    running_since: null,
    last_activity_at: null,
    stops_at: null,
    stop_reason: "",
    next_step: "",
    next_step_at: null,
    notices: [],
    archived_at: null,
    stopped_at: null,
    purge_after: null,
    rebuild_offered: [],
    deadline: null,
    may: ["read", "watch", "use", "start", "operate", "change", "delete", "share"],
    shared: null,
    disk_bytes: null,
    template: null,
    definition: null,
    ...more,
  };
  workspaces.set(id, workspace);
  eventsOf.set(id, []);
  logsOf.set(id, new Map());
  spansOf.set(id, []);
  return workspace;
}

export function tell(workspace, kind, data = {}, at = iso(Date.now())) {
  const own = eventsOf.get(workspace.id);
  const event = { number: own.length + 1, workspace: workspace.id, kind, at, data };
  own.push(event);
  allEvents.push(event);
  for (const listener of listeners) listener({ topic: "event", event });
}

export function write(workspace, stream, text) {
  const logs = logsOf.get(workspace.id);
  const log = logs.get(stream) ?? { name: stream, began_at: iso(Date.now()), updated_at: "", chunks: [] };
  logs.set(stream, log);
  log.updated_at = iso(Date.now());
  log.chunks.push({ stream, seq: log.chunks.length + 1, at: log.updated_at, text });
  for (const listener of listeners) listener({ topic: "log", workspace: workspace.id, stream });
}

function enter(workspace, phase) {
  const previous = workspace.phase;
  workspace.phase = phase;
  tell(workspace, "phase_changed", { phase, previous });
}

const BUILD_LINES = [
  "\x1b[1m#1 [internal]\x1b[0m load build definition from Dockerfile",
  "#2 [1/4] FROM docker.io/library/debian:12-slim@sha256:6bdbd579ba71f6855deecf57e64524921aed6b97ff1e5195436f244d2cb42b12",
  "#3 [2/4] RUN apt-get update && apt-get install --yes --no-install-recommends nodejs npm",
  "#3 1.284 Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]",
  "#3 4.910 \x1b[33mdebconf: delaying package configuration, since apt-utils is not installed\x1b[0m",
  "#3 9.113 Setting up nodejs (18.19.0+dfsg-6~deb12u2) ...",
  "#3 \x1b[32mDONE 11.2s\x1b[0m",
  "#4 [3/4] COPY features /tmp/features",
  "#5 [4/4] RUN /tmp/features/install.sh",
  "#5 \x1b[32mDONE 1.9s\x1b[0m",
  "exporting to image \x1b[32mdone\x1b[0m",
];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Climb to running, with the pauses of a real start; ends early when something else is asked for. */
export async function climb(workspace, { first, fails = false, speed = 1 }, port) {
  const run = Symbol("run");
  runs.set(workspace.id, run);
  const current = () => runs.get(workspace.id) === run;
  const spans = spansOf.get(workspace.id);
  const timed = async (name, ms, detail = "") => {
    const began = Date.now();
    await pause(ms / speed);
    spans.push({ name, began: iso(began), ended: iso(Date.now()), start: workspace.start, detail });
    return current();
  };
  workspace.problem = null;
  if (!(await timed("wait", 300))) return;
  if (first) {
    enter(workspace, "cloning");
    write(
      workspace,
      "source",
      `Cloning into '/workspaces/${workspace.name}'...\nremote: Counting objects: 100% (214/214), done.\n`,
    );
    if (!(await timed("source", 1500, workspace.source.url))) return;
    Object.assign(workspace, { commit: "9f1c2e47ab03d1", branch: workspace.source.ref || "main" });
    tell(workspace, "source_fetched", { commit: workspace.commit, branch: workspace.branch });
    enter(workspace, "building");
    if (!(await timed("environment", 200))) return;
    tell(workspace, "environment_resolved", {
      config: ".devcontainer/devcontainer.json",
      image: "debian:12-slim",
      revision: 1,
    });
    const began = Date.now();
    for (const line of BUILD_LINES) {
      write(workspace, "build", `${line}\n`);
      await pause(500 / speed);
      if (!current()) return;
    }
    spans.push({
      name: "build",
      began: iso(began),
      ended: iso(Date.now()),
      start: workspace.start,
      detail: "carrel/9f1c2e47",
    });
    if (fails) {
      const failure = {
        status: 422,
        step: "build",
        kind: "build_failed",
        title: "The image build failed",
        detail: "Step 4 of 4: /tmp/features/install.sh: line 12: cargo: not found",
        hint: "The build log has the failing step; mend it in the recovery workspace and rebuild.",
        attempts: 1,
        retry_at: null,
      };
      workspace.problem = failure;
      write(workspace, "build", "\x1b[31m/tmp/features/install.sh: line 12: cargo: not found\x1b[0m\n");
      enter(workspace, "failed");
      tell(workspace, "failed", failure);
      return;
    }
    tell(workspace, "image_ready", { image: "carrel/9f1c2e47", built: true });
  }
  enter(workspace, "starting");
  if (!(await timed("create", 250))) return;
  if (!(await timed("start", 420))) return;
  tell(workspace, "started", { start: workspace.start });
  if (!(await timed("agent", 180))) return;
  write(workspace, "hook:postCreate", "$ npm ci\n\x1b[32madded 214 packages\x1b[0m in 2s\n");
  if (!(await timed("hooks", 1200, "postCreateCommand"))) return;
  tell(workspace, "hook_finished", { stage: "postCreate", origin: "devcontainer.json", exit_code: 0 });
  Object.assign(workspace, {
    running_since: iso(Date.now()),
    last_activity_at: iso(Date.now()),
    stops_at: ahead(30 * MINUTE),
  });
  workspace.apps = appsOf(workspace, port);
  enter(workspace, "running");
  tell(workspace, "ready", { took_ms: 6400 });
}

export async function halt(workspace, reason) {
  runs.set(workspace.id, Symbol("halt"));
  enter(workspace, "stopping");
  tell(workspace, "stopping", { reason });
  await pause(900);
  Object.assign(workspace, {
    running_since: null,
    stops_at: null,
    stop_reason: reason,
    problem: null,
    apps: [],
  });
  enter(workspace, "stopped");
  tell(workspace, "stopped", { reason });
}

export async function remove(workspace, purge) {
  runs.set(workspace.id, Symbol("remove"));
  enter(workspace, "deleting");
  await pause(700);
  Object.assign(workspace, { purge_after: ahead(7 * DAY), apps: [], problem: null, degraded: "" });
  enter(workspace, "deleted");
  if (purge) {
    tell(workspace, "purged");
    workspaces.delete(workspace.id);
  } else {
    tell(workspace, "deleted", { purge_after: workspace.purge_after });
  }
}

export function create(body) {
  const workspace = make(body.name, body.source.url ?? "", {
    source: body.source,
    devcontainer: body.devcontainer ?? "",
    created_at: iso(Date.now()),
  });
  Object.assign(workspace.limits, body.limits);
  Object.assign(workspace.retention, body.retention);
  tell(workspace, "created", { by: "ana" });
  return workspace;
}

/** A history as if the workspace had been started some time ago. */
function past(workspace, since) {
  const base = Date.now() - since;
  const at = (ms) => iso(base + ms);
  tell(workspace, "created", { by: "ana" }, at(0));
  tell(workspace, "phase_changed", { phase: "cloning", previous: "pending" }, at(300));
  tell(workspace, "source_fetched", { commit: "9f1c2e47ab03d1", branch: "main" }, at(1900));
  tell(workspace, "phase_changed", { phase: "building", previous: "cloning" }, at(1950));
  tell(
    workspace,
    "environment_resolved",
    { config: ".devcontainer/devcontainer.json", image: "debian:12-slim" },
    at(2100),
  );
  tell(workspace, "image_ready", { image: "carrel/9f1c2e47", built: true }, at(9000));
  tell(workspace, "phase_changed", { phase: "starting", previous: "building" }, at(9050));
  tell(workspace, "started", { start: 1 }, at(9700));
  tell(
    workspace,
    "hook_finished",
    { stage: "postCreate", origin: "devcontainer.json", exit_code: 0 },
    at(11_200),
  );
  tell(workspace, "phase_changed", { phase: "running", previous: "starting" }, at(11_250));
  tell(workspace, "ready", { took_ms: 11_250 }, at(11_260));
  tell(workspace, "activity", { signal: "input", until: at(30 * MINUTE) }, at(5 * MINUTE));
  const span = (name, from, to, detail = "") =>
    spansOf.get(workspace.id).push({ name, began: at(from), ended: at(to), start: 1, detail });
  span("wait", 0, 300);
  span("source", 300, 1900, workspace.source.url);
  span("environment", 1950, 2100, ".devcontainer/devcontainer.json");
  span("build", 2100, 9000, "carrel/9f1c2e47");
  span("create", 9050, 9300);
  span("start", 9300, 9720);
  span("agent", 9720, 9900);
  span("hooks", 9900, 11_200, "postCreateCommand");
  span("app", 11_260, 12_300, "code");
  span("first_byte", 12_300, 12_420, "code");
  write(
    workspace,
    "source",
    "Cloning into '/workspaces/blog'...\nremote: Counting objects: 100% (214/214), done.\nReceiving objects: 100% (214/214), 1.20 MiB | 9.10 MiB/s, done.\n",
  );
  write(workspace, "build", `${BUILD_LINES.join("\n")}\n`);
  write(workspace, "hook:postCreate", "$ npm ci\n\x1b[32madded 214 packages\x1b[0m in 2s\n");
}

export function furnish(port) {
  const running = make("blog", "https://git.example.org/ana/blog.git", {
    id: "b10g00000000",
    phase: "running",
    commit: "9f1c2e47ab03d1",
    branch: "main",
    running_since: ago(2 * HOUR),
    last_activity_at: ago(6 * MINUTE),
    stops_at: ahead(24 * MINUTE),
  });
  running.apps = appsOf(running, port);
  past(running, 2 * HOUR);
  const big = [];
  for (let i = 1; i <= 60_000; i += 1)
    big.push(
      `\x1b[2m${String(i).padStart(6)}\x1b[0m \x1b[3${1 + (i % 6)}mstep ${i}\x1b[0m of a long build that prints a great deal ${"…".repeat(i % 40)}`,
    );
  write(running, "large", `${big.join("\n")}\n`);

  const degraded = make("training", "https://git.example.org/lab/vision.git", {
    phase: "running",
    branch: "experiment/augment",
    degraded: "The hook postCreateCommand failed with exit code 1",
    running_since: ago(20 * MINUTE),
    last_activity_at: ago(MINUTE),
    limits: { cpus: 8, memory_bytes: 32 * GIB, pids: 4096, shm_bytes: null, gpus: 1 },
  });
  degraded.apps = appsOf(degraded, port);
  past(degraded, 20 * MINUTE);

  const stopped = make("payments-api", "https://git.example.org/shop/payments-api.git", {
    id: "9a7me0000000",
    goal: "stop",
    phase: "stopped",
    branch: "main",
    start: 3,
    last_activity_at: ago(26 * HOUR),
    stop_reason: "Idle for 30 minutes; last was typing in a terminal",
    ...used,
  });
  past(stopped, 27 * HOUR);

  const failed = make("compiler", "https://git.example.org/ana/compiler.git", {
    phase: "failed",
    source: { kind: "git", url: "https://git.example.org/ana/compiler.git", ref: "pull/118" },
    problem: {
      status: 422,
      step: "build",
      kind: "build_failed",
      title: "The image build failed",
      detail: "Dockerfile, line 7: RUN cargo build --release\n/bin/sh: 1: cargo: not found",
      hint: "The build log has the failing step; mend it in the recovery workspace and rebuild.",
      attempts: 1,
      retry_at: null,
    },
  });
  tell(failed, "created", {}, ago(9 * MINUTE));
  tell(failed, "phase_changed", { phase: "cloning" }, ago(9 * MINUTE - 400));
  tell(failed, "phase_changed", { phase: "building" }, ago(9 * MINUTE - 2600));
  tell(failed, "phase_changed", { phase: "failed" }, ago(9 * MINUTE - 48_000));
  write(
    failed,
    "build",
    `${BUILD_LINES.slice(0, 5).join("\n")}\n\x1b[31m/bin/sh: 1: cargo: not found\x1b[0m\n`,
  );

  const shared = make("thesis", "https://git.example.org/bo/thesis.git", {
    id: "7he515000000",
    owner: "bo",
    phase: "running",
    branch: "main",
    running_since: ago(HOUR),
    may: ["read", "watch"],
    shared: "view",
  });
  shared.apps = appsOf(shared, port);
  past(shared, HOUR);

  const trashed = make("old-prototype", "https://git.example.org/ana/prototype.git", {
    goal: "delete",
    phase: "deleted",
    purge_after: ahead(5 * DAY),
  });
  past(trashed, 9 * DAY);
}
