/** Hand-made until docs/reference/openapi.json exists; then `npm run api` replaces it. */
type Json<T> = { headers: { [name: string]: unknown }; content: { "application/json": T } };
type Failed = {
  headers: { [name: string]: unknown };
  content: { "application/problem+json": components["schemas"]["Problem"] };
};
type Path<P> = { query?: never; header?: never; path: P; cookie?: never };
type W = { workspace: string };
type None = { parameters: { query?: never; header?: never; path?: never; cookie?: never } };
type Command<B = never> = {
  parameters: Path<W>;
  requestBody?: { content: { "application/json": B } };
  responses: { 200: Json<components["schemas"]["Workspace"]>; default: Failed };
};

export interface paths {
  "/api/v1/workspaces": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { cursor?: string; limit?: number; phase?: components["schemas"]["Phase"][]; deleted?: boolean; q?: string };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: { 200: Json<components["schemas"]["WorkspacePage"]>; default: Failed };
    };
    post: {
      parameters: { query?: never; header?: { "Idempotency-Key"?: string }; path?: never; cookie?: never };
      requestBody: { content: { "application/json": components["schemas"]["WorkspaceCreate"] } };
      responses: { 201: Json<components["schemas"]["Workspace"]>; default: Failed };
    };
  };
  "/api/v1/workspaces/{workspace}": {
    parameters: Path<W>;
    get: { parameters: Path<W>; requestBody?: never; responses: { 200: Json<components["schemas"]["Workspace"]>; default: Failed } };
    patch: {
      parameters: Path<W>;
      requestBody: { content: { "application/json": components["schemas"]["WorkspaceUpdate"] } };
      responses: { 200: Json<components["schemas"]["Workspace"]>; default: Failed };
    };
    delete: {
      parameters: { query?: { purge?: boolean }; header?: never; path: W; cookie?: never };
      requestBody?: never;
      responses: { 202: Json<components["schemas"]["Workspace"]>; default: Failed };
    };
  };
  "/api/v1/workspaces/{workspace}/start": { parameters: Path<W>; post: Command };
  "/api/v1/workspaces/{workspace}/stop": { parameters: Path<W>; post: Command };
  "/api/v1/workspaces/{workspace}/restart": { parameters: Path<W>; post: Command };
  "/api/v1/workspaces/{workspace}/rebuild": { parameters: Path<W>; post: Command<{ no_cache?: boolean }> };
  "/api/v1/workspaces/{workspace}/undelete": { parameters: Path<W>; post: Command };
  "/api/v1/workspaces/{workspace}/extend": { parameters: Path<W>; post: Command<{ seconds: number }> };
  "/api/v1/workspaces/{workspace}/timeline": {
    parameters: Path<W>;
    get: { parameters: { query?: { start?: number }; header?: never; path: W; cookie?: never }; requestBody?: never; responses: { 200: Json<components["schemas"]["Timeline"]>; default: Failed } };
  };
  "/api/v1/workspaces/{workspace}/why": {
    parameters: Path<W>;
    get: { parameters: Path<W>; requestBody?: never; responses: { 200: Json<components["schemas"]["Why"]>; default: Failed } };
  };
  "/api/v1/workspaces/{workspace}/logs": {
    parameters: Path<W>;
    get: { parameters: Path<W>; requestBody?: never; responses: { 200: Json<components["schemas"]["LogStreamList"]>; default: Failed } };
  };
  "/api/v1/workspaces/{workspace}/apps": {
    parameters: Path<W>;
    get: { parameters: Path<W>; requestBody?: never; responses: { 200: Json<components["schemas"]["AppList"]>; default: Failed } };
  };
  "/api/v1/session": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: None & { requestBody?: never; responses: { 200: Json<components["schemas"]["Session"]>; default: Failed } };
    post: None & {
      requestBody: { content: { "application/json": { token: string } } };
      responses: { 200: Json<components["schemas"]["Session"]>; default: Failed };
    };
    delete: None & { requestBody?: never; responses: { 204: { headers: {}; content?: never }; default: Failed } };
  };
  "/api/v1/server": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: None & { requestBody?: never; responses: { 200: Json<components["schemas"]["Server"]>; default: Failed } };
  };
  "/api/v1/git-credentials": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: None & { requestBody?: never; responses: { 200: Json<components["schemas"]["GitCredentialList"]>; default: Failed } };
    post: None & {
      requestBody: { content: { "application/json": components["schemas"]["GitCredentialCreate"] } };
      responses: { 201: Json<components["schemas"]["GitCredential"]>; default: Failed };
    };
  };
  "/api/v1/git-credentials/{credential}": {
    parameters: Path<{ credential: string }>;
    delete: {
      parameters: Path<{ credential: string }>;
      requestBody?: never;
      responses: { 204: { headers: {}; content?: never }; default: Failed };
    };
  };
}

export interface components {
  schemas: {
    Phase:
      | "pending"
      | "cloning"
      | "building"
      | "starting"
      | "running"
      | "stopping"
      | "stopped"
      | "deleting"
      | "deleted"
      | "failed";
    Problem: {
      type?: string;
      kind: string;
      title: string;
      status: number;
      hint?: string;
      detail?: string;
      errors?: { loc: (string | number)[]; msg: string }[];
    };
    GitSource: { kind: "git"; url: string; ref: string };
    FolderSource: { kind: "folder"; path: string };
    EmptySource: { kind: "empty" };
    Limits: { cpus: number | null; memory_bytes: number | null; pids: number | null; shm_bytes: number | null; gpus: number };
    Retention: {
      ttl_seconds: number;
      max_life_seconds: number;
      hard_life_seconds: number;
      on_idle: "stop" | "delete";
      on_deadline: "stop" | "delete";
    };
    Failure: { step: string; kind: string; title: string; detail: string; hint: string; retry_at: string | null };
    App: { name: string; title: string; icon: string; url: string; state: string; detail: string };
    AppList: { items: components["schemas"]["App"][] };
    Workspace: {
      id: string;
      name: string;
      owner: string;
      project: string;
      domain: string;
      source: components["schemas"]["GitSource"] | components["schemas"]["FolderSource"] | components["schemas"]["EmptySource"];
      devcontainer: string;
      goal: "run" | "stop" | "delete";
      phase: components["schemas"]["Phase"];
      degraded: string;
      failure: components["schemas"]["Failure"] | null;
      revision: number;
      start: number;
      commit: string;
      branch: string;
      limits: components["schemas"]["Limits"];
      egress: "open" | "none";
      retention: components["schemas"]["Retention"];
      apps: components["schemas"]["App"][];
      created_at: string;
      running_since: string | null;
      last_activity_at: string | null;
      stops_at: string | null;
      stop_reason: string;
      purge_after: string | null;
    };
    WorkspacePage: { items: components["schemas"]["Workspace"][]; next_cursor: string | null };
    WorkspaceCreate: {
      name?: string;
      source: components["schemas"]["GitSource"] | components["schemas"]["FolderSource"] | components["schemas"]["EmptySource"];
      devcontainer?: string;
      limits?: { cpus?: number | null; memory_bytes?: number | null };
      retention?: { ttl_seconds?: number };
    };
    WorkspaceUpdate: { name?: string; retention?: { ttl_seconds?: number } };
    Span: { name: string; began: string; ended: string; start: number; detail: string };
    Timeline: { spans: components["schemas"]["Span"][] };
    Signal: { kind: string; at: string; detail: string; until: string | null };
    Why: { summary: string; stops_at: string | null; signals: components["schemas"]["Signal"][] };
    Event: { number: number; workspace: string; kind: string; at: string; data: { [key: string]: unknown } };
    LogStream: { name: string; characters: number; dropped: number; began_at: string; updated_at: string };
    LogStreamList: { items: components["schemas"]["LogStream"][] };
    Session: { user: string; via: string; expires_at: string | null };
    Server: { version: string; mode: string; runtime: string; cpus: number; memory_bytes: number };
    GitCredential: { id: string; host: string; username: string; created_at: string; used_at: string | null };
    GitCredentialList: { items: components["schemas"]["GitCredential"][] };
    GitCredentialCreate: { host: string; username: string; token: string };
  };
}
