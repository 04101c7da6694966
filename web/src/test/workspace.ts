import type { Port, Workspace } from "~/api/types";

/** A running workspace, changed as a test needs it. */
export function workspace(change: Partial<Workspace> = {}): Workspace {
  return {
    id: "w1",
    name: "blog",
    owner: "ana",
    project: "default",
    domain: "development",
    source: { kind: "git", url: "https://git.example.org/ana/blog.git", ref: "" },
    devcontainer: "",
    phase: "running",
    goal: "run",
    degraded: "",
    rebuild_offered: [],
    problem: null,
    archived: false,
    commit: "9f1c2e47ab03",
    branch: "main",
    revision: 1,
    start: 1,
    generation: 1,
    limits: { cpus: 2, memory_bytes: 4 * 2 ** 30, pids: 4096, shm_bytes: null, gpus: 0 },
    egress: "open",
    allow: [],
    retention: {
      ttl_seconds: 1800,
      max_life_seconds: 86_400,
      hard_life_seconds: 0,
      on_idle: "stop",
      on_deadline: "stop",
    },
    apps: [
      {
        name: "code",
        title: "VS Code",
        icon: "code",
        share: "private",
        url: "http://code--blog--ana.localhost/",
      },
    ],
    labels: {},
    dotfiles: null,
    created_at: "2025-01-01T00:00:00Z",
    goal_at: "2025-01-01T00:00:00Z",
    running_since: "2025-01-01T00:00:10Z",
    last_activity_at: "2025-01-01T00:00:10Z",
    stops_at: null,
    deadline: null,
    stop_reason: "",
    purge_after: null,
    may: ["read", "watch", "use", "start", "operate", "change", "delete", "share"],
    shared: null,
    ...change,
  };
}

/** A port that listens, changed as a test needs it. */
export function port(change: Partial<Port> = {}): Port {
  return {
    port: 3000,
    process: "node",
    address: "127.0.0.1",
    protocol: "http",
    label: "",
    on_auto_forward: "notify",
    require_local_port: false,
    elevate_if_needed: false,
    listening: true,
    url: "http://3000--blog--ana.localhost/",
    visibility: "private",
    expires_at: null,
    may_open: true,
    ...change,
  };
}
