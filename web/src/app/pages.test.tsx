import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { problem, serve, stream, type Routes } from "~/test/server";
import { workspace } from "~/test/workspace";

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "owner" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
  "GET /api/v1/workspaces/w1/events": () => stream(),
};

const list = (...items: ReturnType<typeof workspace>[]) => ({ items, next_cursor: null });

describe("signing in", () => {
  test("somebody who is not signed in learns how, and a wrong token is told at its field", async () => {
    const user = userEvent.setup();
    serve({
      "GET /api/v1/session": () => problem(401, "not_authenticated", "Sign in first"),
      "POST /api/v1/session": () => problem(401, "not_authenticated", "Sign in first"),
    });
    open("/");
    expect(await screen.findByText("carrel login")).toBeTruthy();
    await user.type(screen.getByLabelText("Token"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText(/not known here/)).toBeTruthy();
  });

  test("a good token shows the page that was asked for", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/session": () => problem(401, "not_authenticated", "Sign in first"),
      "POST /api/v1/session": SIGNED_IN["GET /api/v1/session"],
    });
    open("/trash");
    await user.type(await screen.findByLabelText("Token"), " secret ");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Trash" })).toBeTruthy();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ token: "secret" });
  });

  test("where the server takes passwords, they come first; what is wrong is said, and the password is typed anew", async () => {
    const user = userEvent.setup();
    let tries = 0;
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/session": () => problem(401, "not_authenticated", "Sign in first"),
      "GET /api/v1/session/ways": { password: true, oidc: "Example SSO" },
      "POST /api/v1/session/password": () => {
        tries += 1;
        if (tries > 1) return Response.json(SIGNED_IN["GET /api/v1/session"]);
        return problem(401, "not_authenticated", "Name and password do not fit");
      },
    });
    open("/trash?a=1");
    expect(await screen.findByRole("link", { name: "Example SSO" })).toHaveProperty(
      "href",
      `${window.location.origin}/login/oidc?next=%2Ftrash%3Fa%3D1`,
    );
    await user.type(screen.getByLabelText("User name"), " ana ");
    await user.type(screen.getByLabelText("Password"), "not the right one");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText(/do not fit/)).toBeTruthy();
    expect(screen.getByLabelText("Password")).toHaveProperty("value", "");
    await user.type(screen.getByLabelText("Password"), "purple walrus on a bicycle");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Trash" })).toBeTruthy();
    expect(asked.findLast(({ method }) => method === "POST")?.body).toEqual({
      name: "ana",
      password: "purple walrus on a bicycle",
    });
  });

  test("an invitation lets its person choose a password, of which too short ones are not sent", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "POST /api/v1/session/invite": SIGNED_IN["GET /api/v1/session"],
    });
    open("/invite#carrel_invite_x");
    await user.type(await screen.findByLabelText("New password"), "too short");
    expect(screen.getByRole("button", { name: "Keep it, and sign in" })).toHaveProperty("disabled", true);
    await user.type(screen.getByLabelText("New password"), " no more");
    await user.click(screen.getByRole("button", { name: "Keep it, and sign in" }));
    expect(await screen.findByText("Your first desk is waiting")).toBeTruthy();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
      code: "carrel_invite_x",
      password: "too short no more",
    });
  });

  test("a server that does not answer is told, with a way to try again", async () => {
    serve({
      "GET /api/v1/session": () => {
        throw new TypeError("fetch failed");
      },
    });
    open("/");
    expect(await screen.findByText("Carrel does not answer")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });
});

describe("the list", () => {
  test("the first visit teaches", async () => {
    serve(SIGNED_IN);
    open("/");
    expect(await screen.findByText("Your first desk is waiting")).toBeTruthy();
  });

  test("each workspace has its phase in words, why, and what is most wanted", async () => {
    serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces": list(
        workspace(),
        workspace({
          id: "w2",
          name: "api",
          phase: "stopped",
          goal: "stop",
          stop_reason: "Idle for 30 minutes",
        }),
        workspace({ id: "w3", name: "wiki", degraded: "A hook failed" }),
      ),
    });
    open("/");
    const [blog, api, wiki] = await screen.findAllByRole("listitem");
    if (!blog || !api || !wiki) throw new Error("three rows were expected");
    expect(within(blog).getByText("Running")).toBeTruthy();
    expect(within(blog).getByRole("link", { name: /Open VS Code/ })).toHaveProperty("target", "_blank");
    expect(within(api).getByText("Idle for 30 minutes")).toBeTruthy();
    expect(within(api).getByRole("button", { name: "Start api" })).toBeTruthy();
    expect(within(wiki).getByText("Degraded")).toBeTruthy();
  });

  test("after an event the workspace alone is asked for, and shown", async () => {
    const event = {
      workspace: "w1",
      number: 9,
      kind: "phase_changed",
      at: "2025-01-01T00:00:00Z",
      data: { phase: "stopping" },
    };
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/events": () => stream(event),
      "GET /api/v1/workspaces": list(workspace()),
      "GET /api/v1/workspaces/w1": workspace({ phase: "stopped", goal: "stop" }),
    });
    open("/");
    const row = await screen.findByRole("listitem");
    expect(await within(row).findByText("Stopped")).toBeTruthy();
    expect(asked.filter(({ path }) => path === "/api/v1/workspaces/w1")).toHaveLength(1);
  });
});

describe("making a workspace", () => {
  test("the name follows the address until it is chosen; a taken one is told at the field; a repeat has the same key", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces": list(workspace()),
      "POST /api/v1/workspaces": () =>
        problem(409, "name_taken", "The name is taken", "Choose another name."),
    });
    open("/new");
    const address = await screen.findByLabelText(/Git repository/);
    await user.click(address);
    await user.paste("https://github.com/ana/blog/tree/dev");
    expect(screen.getByLabelText(/Name/)).toHaveProperty("value", "blog-2");
    expect(screen.getByLabelText(/Branch/)).toHaveProperty("value", "dev");
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    expect(await screen.findByText(/Choose another name/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    await waitFor(() => expect(asked.filter(({ method }) => method === "POST")).toHaveLength(2));
    const posts = asked.filter(({ method }) => method === "POST");
    expect(posts[0]?.body).toEqual({
      name: "blog-2",
      source: { kind: "git", url: "https://github.com/ana/blog", ref: "dev" },
    });
    expect(posts[0]?.headers.get("Idempotency-Key")).toBe(posts[1]?.headers.get("Idempotency-Key"));
  });
});

describe("limits", () => {
  test("what would be refused is said before, and nothing is sent", async () => {
    const user = userEvent.setup();
    const none = {
      workspaces: null,
      running: null,
      cpus: null,
      memory_bytes: null,
      gpus: 0,
      disk_bytes: null,
    };
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/quota": {
        workspace: none,
        most: none,
        running_left: 0,
        workspaces_left: null,
        create_problem: null,
        start_problem: {
          kind: "over_quota",
          title: "A limit is reached",
          status: 409,
          detail: "The limit 'running' of the user ana: 1 of 1 used, 1 more asked for. What counts: api.",
          hint: "`carrel stop api` frees a place; an administrator can allow more.",
        },
      },
    });
    open("/new?url=https://git.example.org/ana/blog");
    expect(await screen.findByText(/1 of 1 used/)).toBeTruthy();
    expect(screen.getByText("carrel stop api")).toBeTruthy();
    const looks = () => asked.filter(({ path }) => path === "/api/v1/quota").length;
    const before = looks();
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    await waitFor(() => expect(looks()).toBeGreaterThan(before));
    expect(asked.some(({ method }) => method === "POST")).toBe(false);
  });
});

describe("one workspace", () => {
  test("a changed configuration is offered as a rebuild", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces/w1": workspace({ rebuild_offered: [".devcontainer/Dockerfile"] }),
      "POST /api/v1/workspaces/w1/rebuild": workspace({ phase: "building", revision: 2 }),
    });
    open("/workspaces/w1");
    expect(await screen.findByText(".devcontainer/Dockerfile")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Rebuild to apply it" }));
    expect(asked.some(({ path }) => path.endsWith("/rebuild"))).toBe(true);
  });

  test("a failure is shown with its hint, and can be tried again", async () => {
    const user = userEvent.setup();
    const failed = workspace({
      phase: "failed",
      problem: {
        type: "",
        kind: "build_failed",
        title: "The image build failed",
        status: 422,
        hint: "Run `carrel rebuild`.",
        detail: "line 7",
        request_id: "",
        step: "build",
        attempts: 1,
        retry_at: null,
      },
    });
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces/w1": failed,
      "GET /api/v1/workspaces/w1/logs": { streams: [], items: [], last: 0 },
      "POST /api/v1/workspaces/w1/start": workspace({ phase: "pending" }),
    });
    open("/workspaces/w1");
    const alert = await screen.findByRole("alert");
    expect(within(alert).getByText("line 7")).toBeTruthy();
    expect(within(alert).getByText("carrel rebuild")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Waiting")).toBeTruthy();
    expect(asked.some(({ path }) => path.endsWith("/start"))).toBe(true);
  });

  test("nothing is removed for good before its name is typed", async () => {
    const user = userEvent.setup();
    serve({ ...SIGNED_IN, "GET /api/v1/workspaces/w1": workspace() });
    open("/workspaces/w1/danger");
    await user.click(await screen.findByRole("button", { name: /Delete for good/ }));
    const dialog = await screen.findByRole("dialog");
    const button = within(dialog).getByRole("button", { name: "Delete for good" });
    expect(button).toHaveProperty("disabled", true);
    await user.type(within(dialog).getByRole("textbox"), "blog");
    expect(button).toHaveProperty("disabled", false);
  });

  test("one that does not exist is told as the server tells it", async () => {
    serve(SIGNED_IN);
    open("/workspaces/nope");
    expect(await screen.findByText("no GET /api/v1/workspaces/nope")).toBeTruthy();
  });
});

describe("hooks", () => {
  const failed = {
    stage: "postCreate",
    name: "",
    origin: "devcontainer.json",
    state: "failed",
    exit_code: 3,
    began: "2025-01-01T00:00:00Z",
    ended: "2025-01-01T00:00:01Z",
    detail: "",
    log: "hook:postCreate",
  };

  test("a hook that failed says so and is run again on demand", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces/w1": workspace(),
      "GET /api/v1/workspaces/w1/apps": { items: [] },
      "GET /api/v1/workspaces/w1/ports": { items: [] },
      "GET /api/v1/workspaces/w1/hooks": { items: [failed] },
      "POST /api/v1/workspaces/w1/hooks/postCreate/run": { items: [{ ...failed, state: "running" }] },
    });
    open("/workspaces/w1");
    const hooks = await screen.findByRole("region", { name: "Hooks" });
    expect(within(hooks).getByText("exit code 3")).toBeTruthy();
    await user.click(within(hooks).getByRole("button", { name: "Run postCreate again" }));
    await waitFor(() => expect(asked.some(({ path }) => path.endsWith("/hooks/postCreate/run"))).toBe(true));
  });
});

describe("secrets", () => {
  test("what a repository would like to have is asked for before the workspace is made", async () => {
    const user = userEvent.setup();
    const secret = {
      description: "To sign in.",
      documentation_url: "https://docs.example/a",
      declared: true,
    };
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/server": {
        version: "1",
        database: "sqlite",
        runtime: { name: "docker", version: "1", cpus: 2, memory_bytes: 2 ** 33, problem: "", notices: [] },
        settings: {},
      },
      "POST /api/v1/inspections": {
        configurations: [],
        config_path: "",
        name: "",
        secrets: [
          { name: "API_TOKEN", given_by: "", ...secret },
          { name: "OTHER", given_by: "user", ...secret },
        ],
        requirements: {},
        unmet: ["It asks for 64 CPUs; a workspace here has at most 2."],
      },
      "POST /api/v1/workspaces": workspace(),
      "GET /api/v1/workspaces/w1": workspace(),
    });
    open("/new?url=https://git.example.org/ana/blog");
    await user.click(await screen.findByRole("button", { name: "Look at what it asks for" }));
    expect(await screen.findByText(/64 CPUs/)).toBeTruthy();
    expect(screen.getByText(/OTHER is given already/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "How to get it" }).getAttribute("href")).toBe(
      "https://docs.example/a",
    );
    await user.type(screen.getByLabelText("API_TOKEN"), "s3cret");
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    await waitFor(() =>
      expect(
        asked.find(({ method, path }) => method === "POST" && path === "/api/v1/workspaces")?.body,
      ).toMatchObject({
        secrets: { API_TOKEN: "s3cret" },
      }),
    );
  });

  test("one that a workspace lacks is set on its page", async () => {
    const user = userEvent.setup();
    const wanted = { description: "To sign in.", documentation_url: "javascript:alert(1)", declared: true };
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces/w1": workspace({ phase: "stopped" }),
      "GET /api/v1/workspaces/w1/secrets": { items: [{ ...wanted, name: "API_TOKEN", given_by: "" }] },
      "PUT /api/v1/workspaces/w1/secrets/API_TOKEN": {
        name: "API_TOKEN",
        sources: [],
        created_at: "2025-01-01T00:00:00Z",
        updated_at: "2025-01-01T00:00:00Z",
      },
    });
    open("/workspaces/w1");
    const secrets = await screen.findByRole("region", { name: "Secrets" });
    expect(within(secrets).getByText(/not set/)).toBeTruthy();
    expect(within(secrets).queryByRole("link")).toBeNull();
    await user.click(within(secrets).getByRole("button", { name: "Set API_TOKEN" }));
    await user.type(within(secrets).getByLabelText("Value of API_TOKEN"), "s3cret");
    await user.click(within(secrets).getByRole("button", { name: "Store" }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ value: "s3cret" }),
    );
  });

  test("one's own are stored for the repositories that are named", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/secrets": { items: [] },
      "GET /api/v1/preferences": {
        dotfiles: { repository: "", target: "~/dotfiles", command: "" },
        project: "",
        domain: "",
      },
      "GET /api/v1/tokens": { items: [] },
      "GET /api/v1/git-credentials": { items: [] },
      "PUT /api/v1/secrets/API_TOKEN": {
        name: "API_TOKEN",
        sources: [],
        created_at: "2025-01-01T00:00:00Z",
        updated_at: "2025-01-01T00:00:00Z",
      },
      "PUT /api/v1/preferences": {
        dotfiles: { repository: "https://github.com/ana/dots", target: "~/dotfiles", command: "" },
        project: "",
        domain: "",
      },
    });
    open("/settings/workspaces");
    const secrets = await screen.findByRole("region", { name: "Secrets" });
    await user.click(within(secrets).getByRole("button", { name: "Add" }));
    await user.type(within(secrets).getByLabelText(/^Name/), "API_TOKEN");
    await user.type(within(secrets).getByLabelText(/^Value/, { selector: "input" }), "s3cret");
    await user.type(within(secrets).getByLabelText(/^Repositories/), "https://git.example.org/ana/*");
    await user.click(within(secrets).getByRole("button", { name: "Store" }));
    await waitFor(() =>
      expect(asked.find(({ path }) => path === "/api/v1/secrets/API_TOKEN")?.body).toEqual({
        value: "s3cret",
        sources: ["https://git.example.org/ana/*"],
      }),
    );
    const dotfiles = screen.getByRole("region", { name: "Dotfiles" });
    await user.type(await within(dotfiles).findByLabelText("Repository"), "ana/dots");
    await user.click(within(dotfiles).getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(within(dotfiles).getByDisplayValue("https://github.com/ana/dots")).toBeTruthy(),
    );
  });
});
