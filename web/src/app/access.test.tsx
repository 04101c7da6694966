/** The pages of ports, sharing, files, keys and users, and what they show to somebody who may not do all. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { notifications } from "@mantine/notifications";
import { afterEach, describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { problem, serve, stream, type Routes } from "~/test/server";
import { port, workspace } from "~/test/workspace";

const BLOG = "/api/v1/workspaces/w1";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq ana@laptop";

const RUNNING: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "owner" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/server": {
    version: "1",
    database: "sqlite",
    runtime: { name: "docker", version: "1", cpus: 2, memory_bytes: 2 ** 33, problem: "", notices: [] },
    settings: { port_visibility_ceiling: "public", public_port_max_hours: 24 },
  },
  "GET /api/v1/workspaces": { items: [workspace()], next_cursor: null },
  "GET /api/v1/users": {
    items: [
      { id: "u1", name: "ana", role: "owner", created_at: "2025-01-01T00:00:00Z", disabled: false },
      { id: "u2", name: "bo", role: "developer", created_at: "2025-01-01T00:00:00Z", disabled: false },
    ],
  },
  [`GET ${BLOG}`]: workspace(),
  [`GET ${BLOG}/events`]: () => stream(),
  [`GET ${BLOG}/ports`]: { items: [port({ label: "Preview" })] },
  [`GET ${BLOG}/apps`]: { items: [] },
  [`GET ${BLOG}/people`]: { items: [] },
  [`GET ${BLOG}/shares`]: { items: [] },
};
const SHARE = {
  id: "s1",
  user: "",
  guest: false,
  title: "",
  level: "view",
  ports: [],
  created_at: "2025-01-01T00:00:00Z",
  expires_at: null,
  url: "",
};

afterEach(() => notifications.clean());

const posted = (asked: ReturnType<typeof serve>) => asked.filter(({ method }) => method === "POST");

describe("ports", () => {
  test("what public means is said before anything is made public, and a refusal by the administrator is shown", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...RUNNING,
      [`PUT ${BLOG}/ports/3000`]: () =>
        problem(403, "not_allowed", "This server opens no port wider than project.", "Ask an administrator."),
    });
    open("/workspaces/w1/ports");
    await user.click(await screen.findByRole("button", { name: "Private: choose who may open Preview" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).queryByText(/without being seen here/)).toBeNull();
    await user.click(within(dialog).getByRole("radio", { name: /Public/ }));
    expect(within(dialog).getByText(/without being seen here/)).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Make it public" }));
    expect(await within(dialog).findByText(/no port wider than project/)).toBeTruthy();
    expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({
      visibility: "public",
      expires_in_seconds: 28_800,
    });
  });

  test("what an administrator does not allow at all cannot be chosen, and says so", async () => {
    const user = userEvent.setup();
    const server = RUNNING["GET /api/v1/server"] as object;
    serve({
      ...RUNNING,
      "GET /api/v1/server": { ...server, settings: { port_visibility_ceiling: "project" } },
    });
    open("/workspaces/w1/ports");
    await user.click(await screen.findByRole("button", { name: /choose who may open/ }));
    const choice = await screen.findByRole("radio", { name: /Public/ });
    await waitFor(() => expect(choice).toHaveProperty("disabled", true));
    expect(screen.getByText(/An administrator allows project at most/)).toBeTruthy();
  });

  test("one that begins to listen is told with a way to open it; nothing opens by itself", async () => {
    let looks = 0;
    const late = port({ port: 5000, label: "Docs", on_auto_forward: "openBrowser" });
    const quiet = port({ port: 6000, label: "Quiet", on_auto_forward: "silent" });
    serve({
      ...RUNNING,
      [`GET ${BLOG}/ports`]: () => {
        looks += 1;
        return Response.json({ items: looks === 1 ? [port()] : [port(), late, quiet] });
      },
    });
    open("/workspaces/w1/ports");
    const notice = await screen.findByRole("alert");
    expect(within(notice).getByText("Docs is there")).toBeTruthy();
    expect(within(notice).getByRole("link", { name: "Open in a new tab" })).toHaveProperty(
      "target",
      "_blank",
    );
    expect(screen.queryByText("Quiet is there")).toBeNull();
  });
});

describe("sharing", () => {
  test("an edit grant says what it gives, and is not given before somebody says yes", async () => {
    const user = userEvent.setup();
    const asked = serve({ ...RUNNING, [`POST ${BLOG}/shares`]: { ...SHARE, user: "bo", level: "edit" } });
    open("/workspaces/w1/sharing");
    await user.click(await screen.findByRole("button", { name: "Share" }));
    await user.type(screen.getByRole("combobox", { name: /User name/ }), "bo");
    await user.click(screen.getByRole("radio", { name: /Edit/ }));
    await user.click(screen.getByRole("button", { name: "Share for editing…" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(/the secrets in its environment/)).toBeTruthy();
    expect(posted(asked)).toHaveLength(0);
    await user.click(within(dialog).getByRole("button", { name: "Give full power" }));
    await waitFor(() => expect(posted(asked)[0]?.body).toEqual({ user: "bo", level: "edit", ports: [] }));
  });

  test("a guest link is read-only unless more is given, and is shown once", async () => {
    const user = userEvent.setup();
    const url = "http://127.0.0.1:7070/guest#carrel_guest_abc";
    const asked = serve({ ...RUNNING, [`POST ${BLOG}/shares`]: { ...SHARE, guest: true, url } });
    open("/workspaces/w1/sharing");
    await user.click(await screen.findByRole("button", { name: "New link" }));
    await user.type(screen.getByLabelText("For whom"), "Kim");
    await user.type(screen.getByRole("combobox", { name: "Ports to open" }), "3000,99999,");
    await user.click(screen.getByRole("button", { name: "Make a guest link" }));
    expect(await screen.findByText(url)).toBeTruthy();
    expect(posted(asked)[0]?.body).toEqual({
      guest: true,
      title: "Kim",
      level: "view",
      ports: [3000],
      expires_in_seconds: 7200,
    });
    await user.click(screen.getByRole("button", { name: "Copy the guest link" }));
    expect(await navigator.clipboard.readText()).toBe(url);
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.queryByText(url)).toBeNull();
  });

  test("who is here is told with how, and a share is taken away", async () => {
    const user = userEvent.setup();
    const now = new Date().toISOString();
    const asked = serve({
      ...RUNNING,
      [`GET ${BLOG}/people`]: {
        items: [{ name: "bo", ways: ["terminal main", "ssh"], since: now, seen: now }],
      },
      [`GET ${BLOG}/shares`]: { items: [{ ...SHARE, user: "bo", ports: [3000] }] },
      [`DELETE ${BLOG}/shares/s1`]: () => new Response(null, { status: 204 }),
    });
    open("/workspaces/w1/sharing");
    expect(await screen.findByText(/terminal main, ssh/)).toBeTruthy();
    expect(screen.getByText("View, port 3000")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Take it away from bo" }));
    await waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
  });
});

describe("somebody who may not do all", () => {
  test("who manages nobody sees the people, and no way to change them", async () => {
    serve({ ...RUNNING, "GET /api/v1/session": { user: "bo", user_id: "u2", role: "developer" } });
    open("/users");
    expect(await screen.findByText("ana")).toBeTruthy();
    expect(screen.getByText("Owner")).toBeTruthy();
    for (const name of ["Disable ana", "Login link for ana", "Add a user"])
      expect(screen.queryByRole("button", { name })).toBeNull();
  });

  test("with a view share: no way to use, operate, share or delete it", async () => {
    serve({
      ...RUNNING,
      "GET /api/v1/session": { user: "bo", user_id: "u2", role: "developer" },
      [`GET ${BLOG}`]: workspace({ may: ["read", "watch"], shared: "view" }),
      [`GET ${BLOG}/ports`]: { items: [port(), port({ port: 4000, label: "Secret", may_open: false })] },
    });
    open("/workspaces/w1");
    expect(await screen.findByText("Shared by ana · view")).toBeTruthy();
    const tabs = within(screen.getByRole("navigation", { name: "Workspace" })).getAllByRole("link");
    expect(tabs.map(({ textContent }) => textContent)).toEqual([
      "Overview",
      "Terminal",
      "Ports",
      "Sharing",
      "Log",
      "Timeline",
      "Events",
    ]);
    expect(screen.queryByRole("link", { name: /Open VS Code/ })).toBeNull();
    for (const name of ["Stop", "Connect"]) expect(screen.queryByRole("button", { name })).toBeNull();
    expect(await screen.findByRole("link", { name: /Port 3000/ })).toBeTruthy();
    expect(screen.queryByRole("link", { name: /Secret/ })).toBeNull();
  });

  test("a guest sees what is open, and asks for nothing else; when the link ends, the visit is over", async () => {
    let looks = 0;
    const asked = serve({
      ...RUNNING,
      "GET /api/v1/session": { user: "guest Kim", user_id: "s1", role: "guest" },
      [`GET ${BLOG}`]: workspace({ may: ["watch"], shared: "view" }),
      [`GET ${BLOG}/people`]: () => {
        looks += 1;
        return looks === 1
          ? Response.json({ items: [] })
          : problem(401, "not_authenticated", "Sign in first");
      },
    });
    open("/");
    expect(await screen.findByText("ana lets you in")).toBeTruthy();
    expect(screen.queryByRole("navigation", { name: "Main" })).toBeNull();
    expect(await screen.findByRole("link", { name: /Port 3000|Preview/ })).toBeTruthy();
    expect(asked.some(({ path }) => path.endsWith("/w1/events") || path.endsWith("/why"))).toBe(false);
    expect(await screen.findByText("Your visit is over")).toBeTruthy();
  });
});

describe("files", () => {
  const entry = { target: "", modified: "2025-01-01T00:00:00Z", mode: 420 };
  const folder = {
    path: "/workspaces/blog",
    items: [
      { ...entry, name: "src", kind: "folder", size: null },
      { ...entry, name: "a b.txt", kind: "file", size: 5 },
    ],
    whole: true,
  };

  test("folders lead on, files are downloaded, and what may not be read says why", async () => {
    const user = userEvent.setup();
    serve({
      ...RUNNING,
      [`GET ${BLOG}/folder`]: ({ query }: { query: URLSearchParams }) =>
        query.get("path") === "/workspaces/blog/src"
          ? problem(403, "file_denied", "The file system does not allow it", "Permission denied.")
          : Response.json(folder),
    });
    open("/workspaces/w1/files");
    const link = await screen.findByRole("link", { name: "a b.txt" });
    expect(link.getAttribute("href")).toBe(`${BLOG}/files?path=%2Fworkspaces%2Fblog%2Fa+b.txt`);
    expect(screen.getByRole("link", { name: "workspaces" })).toBeTruthy();
    await user.click(screen.getByRole("link", { name: "src" }));
    expect(await screen.findByText("The file system does not allow it")).toBeTruthy();
  });
});

describe("ways to connect", () => {
  test("each is there to be copied, with what has to be done once", async () => {
    const user = userEvent.setup();
    serve({
      ...RUNNING,
      "GET /api/v1/ssh": {
        enabled: true,
        host: "carrel.example.org",
        port: 2222,
        known_hosts: "",
        problem: "",
      },
      [`GET ${BLOG}/environment`]: { workspace_folder: "/workspaces/blog" },
    });
    open("/workspaces/w1/ports");
    await user.click(await screen.findByRole("button", { name: "Connect" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("ssh blog@carrel.example.org -p 2222")).toBeTruthy();
    expect(within(dialog).getByText("ssh blog.carrel")).toBeTruthy();
    expect(within(dialog).getByText("carrel config-ssh")).toBeTruthy();
    const desktop = within(dialog).getByRole("link", { name: "Open in VS Code" });
    await waitFor(() =>
      expect(desktop.getAttribute("href")).toBe(
        "vscode://vscode-remote/ssh-remote+blog.carrel/workspaces/blog",
      ),
    );
  });
});

describe("keys and users", () => {
  const preferences = {
    dotfiles: { repository: "ana/dots", target: "~/dotfiles", command: "" },
    start_on_connect: false,
  };

  test("a private key is never sent; a public one is stored", async () => {
    const user = userEvent.setup();
    const stored = {
      id: "k1",
      title: "ana@laptop",
      fingerprint: "SHA256:abc",
      public_key: KEY,
      created_at: "2025-01-01T00:00:00Z",
      used_at: null,
    };
    const asked = serve({
      ...RUNNING,
      "GET /api/v1/ssh-keys": { items: [] },
      "POST /api/v1/ssh-keys": stored,
    });
    open("/settings/ssh");
    const keys = await screen.findByRole("region", { name: "SSH keys" });
    await user.click(within(keys).getByRole("button", { name: "Add" }));
    const field = within(keys).getByLabelText(/^Public key/);
    await user.click(field);
    await user.paste("-----BEGIN OPENSSH PRIVATE KEY-----");
    await user.click(within(keys).getByRole("button", { name: "Store" }));
    expect(await within(keys).findByText(/That is the private key/)).toBeTruthy();
    expect(posted(asked)).toHaveLength(0);
    await user.clear(field);
    await user.paste(`${KEY}\n`);
    await user.click(within(keys).getByRole("button", { name: "Store" }));
    await waitFor(() => expect(posted(asked)[0]?.body).toEqual({ public_key: KEY, title: "" }));
  });

  test("sessions are listed with where they are, ended one by one or all others; a password is changed with the old one", async () => {
    const user = userEvent.setup();
    const session = (id: string, more: object) => ({
      id,
      address: "192.0.2.7",
      agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      created_at: "2025-01-01T00:00:00Z",
      used_at: null,
      expires_at: null,
      current: false,
      ...more,
    });
    const asked = serve({
      ...RUNNING,
      "GET /api/v1/session/ways": { password: true, oidc: null },
      "GET /api/v1/me": { id: "u1", name: "ana", kind: "person", has_password: true },
      "GET /api/v1/sessions": {
        items: [session("t1", { current: true }), session("t2", { address: "192.0.2.8" })],
      },
      "DELETE /api/v1/sessions/t2": () => new Response(null, { status: 204 }),
      "DELETE /api/v1/sessions": { ended: 1 },
      "PUT /api/v1/me/password": () => new Response(null, { status: 204 }),
    });
    open("/settings");
    const card = await screen.findByRole("region", { name: "Where you are signed in" });
    expect(await within(card).findByText("this one")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Sign out Firefox on Linux at 192.0.2.8" }));
    await waitFor(() => expect(asked.some(({ path }) => path === "/api/v1/sessions/t2")).toBe(true));
    await user.click(within(card).getByRole("button", { name: "Sign out everywhere else" }));
    await waitFor(() =>
      expect(
        asked
          .find(({ method, path }) => method === "DELETE" && path.endsWith("/sessions"))
          ?.query.get("keep_this"),
      ).toBe("true"),
    );
    const password = await screen.findByRole("region", { name: "Password" });
    await user.click(within(password).getByRole("button", { name: "Change it" }));
    await user.type(within(password).getByLabelText("Password now"), "old one");
    await user.type(within(password).getByLabelText("New password"), "purple walrus on a bicycle");
    await user.click(within(password).getByRole("button", { name: "Change the password" }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({
        old: "old one",
        new: "purple walrus on a bicycle",
      }),
    );
  });

  test("a service account has a token and no login link; a person is invited where there are passwords", async () => {
    const user = userEvent.setup();
    const row = { created_at: "2025-01-01T00:00:00Z", disabled: false, full_name: "", seen_at: null };
    serve({
      ...RUNNING,
      "GET /api/v1/session/ways": { password: true, oidc: null },
      "GET /api/v1/users": {
        items: [
          { ...row, id: "u2", name: "bo", role: "developer", kind: "person" },
          { ...row, id: "u4", name: "robot", role: "viewer", kind: "service" },
        ],
      },
      "POST /api/v1/users/u4/tokens": { token: "carrel_personal_abc", scopes: [], expires_at: null },
      "POST /api/v1/users/u2/invites": { url: "http://x/invite#abc", expires_in_seconds: 259_200 },
    });
    open("/users");
    await user.click(await screen.findByRole("button", { name: "Token for robot" }));
    expect(await screen.findByText("carrel_personal_abc")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.queryByRole("button", { name: "Invitation for robot" })).toBeNull();
    await user.click(await screen.findByRole("button", { name: "Invitation for bo" }));
    expect(await screen.findByText("http://x/invite#abc")).toBeTruthy();
  });

  test("a preference is changed without touching the others", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...RUNNING,
      "GET /api/v1/preferences": preferences,
      "PUT /api/v1/preferences": { ...preferences, start_on_connect: true },
    });
    open("/settings/ssh");
    await user.click(await screen.findByRole("switch", { name: /SSH starts a stopped workspace/ }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({
        ...preferences,
        start_on_connect: true,
      }),
    );
  });

  test("a new user comes with a login link that is shown once; nobody disables without being asked", async () => {
    const user = userEvent.setup();
    const kim = {
      id: "u3",
      name: "kim",
      role: "developer",
      created_at: "2025-01-01T00:00:00Z",
      disabled: false,
    };
    const asked = serve({
      ...RUNNING,
      "POST /api/v1/users": kim,
      "POST /api/v1/users/u3/login-links": { url: "http://x/login?code=abc", expires_in_seconds: 86_400 },
      "PATCH /api/v1/users/u2": { ...kim, id: "u2", name: "bo", disabled: true },
    });
    open("/users");
    await user.click(await screen.findByRole("button", { name: "Add a user" }));
    await user.type(screen.getByRole("textbox", { name: /^Name/ }), "kim");
    await user.click(screen.getByRole("button", { name: "Add, and make a login link" }));
    expect(await screen.findByText("http://x/login?code=abc")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Done" }));
    await user.click(await screen.findByRole("button", { name: "Disable bo" }));
    expect(asked.some(({ method }) => method === "PATCH")).toBe(false);
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Disable" }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({ disabled: true }),
    );
  });
});
