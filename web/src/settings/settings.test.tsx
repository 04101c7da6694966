/** What belongs to oneself: profile, git logins, signing key, identities, tokens, the usual place. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { notifications } from "@mantine/notifications";
import { afterEach, describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { problem, serve, stream, type Asked, type Routes } from "~/test/server";

const ME = { id: "u1", name: "ana", role: "developer", kind: "person", full_name: "", email: "" };
const PREFERENCES = {
  dotfiles: { repository: "ana/dots", target: "~/dotfiles", command: "" },
  start_on_connect: true,
  project: "",
  domain: "",
  sign_commits: false,
};
const HOST = "/api/v1/git-credentials/github.com/login";
const LOGIN = {
  host: "github.com",
  user_code: "7F3A-99C0",
  verification_uri: "https://github.com/login/device",
  verification_uri_complete: "",
  expires_at: "2100-01-01T00:00:00Z",
  // Seconds, as the host says it: so short that nobody waits for it here.
  interval_seconds: 0.02,
};

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "developer" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/session/ways": { password: true, oidc: "Example ID" },
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
  "GET /api/v1/projects": { items: [{ name: "default", you: {} }] },
  "GET /api/v1/server": {
    version: "1",
    database: "sqlite",
    runtime: { name: "docker", version: "1", cpus: 2, memory_bytes: 2 ** 33, problem: "", notices: [] },
    settings: { default_project: "default", default_domain: "development", token_max_days: 90 },
    git_login_hosts: ["github.com"],
  },
  "GET /api/v1/me": { ...ME, has_password: true },
  "GET /api/v1/sessions": { items: [] },
  "GET /api/v1/identities": { items: [] },
  "GET /api/v1/preferences": PREFERENCES,
  "GET /api/v1/git-credentials": { items: [] },
  "GET /api/v1/signing-key": { public_key: "" },
  "GET /api/v1/secrets": { items: [] },
  "GET /api/v1/tokens": { items: [] },
};

const sent = (asked: readonly Asked[], method: string, path: string) =>
  asked.find((one) => one.method === method && one.path === path)?.body;

afterEach(() => notifications.clean());

describe("the account", () => {
  test("a profile is stored, and what is wrong is said at its field", async () => {
    const user = userEvent.setup();
    let tries = 0;
    const asked = serve({
      ...SIGNED_IN,
      "PATCH /api/v1/me": () => {
        tries += 1;
        if (tries > 1) return Response.json({ ...ME, full_name: "Ana Lovelace", email: "ana@example.org" });
        return Response.json(
          {
            kind: "bad_value",
            title: "A value is wrong",
            status: 422,
            detail: "email: there is no @ in it.",
          },
          { status: 422 },
        );
      },
    });
    open("/settings");
    const profile = await screen.findByRole("region", { name: "Profile" });
    await user.type(await within(profile).findByLabelText("Full name"), "Ana Lovelace");
    await user.type(within(profile).getByLabelText("E-mail address"), "ana");
    await user.click(within(profile).getByRole("button", { name: "Save" }));
    expect(await within(profile).findByText("there is no @ in it.")).toBeTruthy();
    await user.type(within(profile).getByLabelText("E-mail address"), "@example.org");
    await user.click(within(profile).getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Your profile is stored.")).toBeTruthy();
    expect(asked.findLast(({ method }) => method === "PATCH")?.body).toEqual({
      full_name: "Ana Lovelace",
      email: "ana@example.org",
    });
  });

  test("an identity is linked over the provider's page; one is unlinked after its last way in is spoken of", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/me": { ...ME, has_password: false },
      "GET /api/v1/identities": {
        items: [
          {
            id: "i1",
            issuer: "https://id.example.org/realms/main",
            email: "ana@example.org",
            created_at: "2025-01-01T00:00:00Z",
            used_at: null,
          },
        ],
      },
      "POST /api/v1/identities": { url: `${window.location.href}#at-the-provider` },
      "DELETE /api/v1/identities/i1": () => new Response(null, { status: 204 }),
    });
    open("/settings");
    const card = await screen.findByRole("region", { name: "Linked identities" });
    expect(await within(card).findByText("id.example.org/realms/main")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Unlink ana@example.org" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(/You have no password/)).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Unlink" }));
    await waitFor(() => expect(asked.some(({ path }) => path === "/api/v1/identities/i1")).toBe(true));
    await user.click(within(card).getByRole("button", { name: "Link another" }));
    await waitFor(() => expect(window.location.hash).toBe("#at-the-provider"));
  });

  test("without a provider nothing is said of identities, and one signs out here only", async () => {
    const user = userEvent.setup();
    serve({ ...SIGNED_IN, "GET /api/v1/session/ways": { password: true, oidc: null } });
    open("/settings");
    expect(await screen.findByRole("region", { name: "Password" })).toBeTruthy();
    expect(screen.queryByRole("region", { name: "Linked identities" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Menu of ana" }));
    expect(await screen.findByRole("menuitem", { name: "Sign out" })).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: /also of/ })).toBeNull();
  });

  test("with a provider one may sign out of it too", async () => {
    const user = userEvent.setup();
    serve(SIGNED_IN);
    open("/settings");
    await user.click(await screen.findByRole("button", { name: "Menu of ana" }));
    const item = await screen.findByRole("menuitem", { name: "Sign out, also of Example ID" });
    expect(item.getAttribute("href")).toBe("/logout/oidc");
  });

  test("who only looks has no tabs for what workspaces get", async () => {
    serve({ ...SIGNED_IN, "GET /api/v1/session": { user: "vic", user_id: "u7", role: "viewer" } });
    open("/settings");
    const tabs = await screen.findByRole("navigation", { name: "Settings" });
    expect(
      within(tabs)
        .getAllByRole("link")
        .map((link) => link.textContent),
    ).toEqual(["Account", "Tokens", "Server"]);
  });
});

describe("git", () => {
  test("a login shows its code, and is done when the host says so", async () => {
    const user = userEvent.setup();
    let stored = false;
    const states = ["pending", "pending", "done"];
    serve({
      ...SIGNED_IN,
      "GET /api/v1/git-credentials": () => ({
        items: stored
          ? [{ host: "github.com", username: "x", kind: "login", updated_at: "2025-01-01T00:00:00Z" }]
          : [],
      }),
      [`POST ${HOST}`]: LOGIN,
      [`GET ${HOST}`]: () => {
        const state = states.shift() ?? "done";
        stored = state === "done";
        return { state, interval_seconds: LOGIN.interval_seconds };
      },
    });
    open("/settings/git");
    const card = await screen.findByRole("region", { name: "Git logins" });
    expect(within(card).getByText("nothing stored")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Log in at github.com" }));
    expect(await screen.findByText(/^Logged in at github.com/)).toBeTruthy();
    expect(await within(card).findByText(/^logged in, renewed/)).toBeTruthy();
    expect(within(card).queryByText("7F3A-99C0")).toBeNull();
  });

  test("the code is told with the page where it is typed; a login that is denied can be begun anew", async () => {
    const user = userEvent.setup();
    let denied = false;
    const codes = ["7F3A-99C0", "11AA-22BB"];
    serve({
      ...SIGNED_IN,
      [`POST ${HOST}`]: () => ({ ...LOGIN, user_code: codes.shift() }),
      [`GET ${HOST}`]: () =>
        denied
          ? problem(403, "not_allowed", "The login was denied.")
          : Response.json({ state: "pending", interval_seconds: LOGIN.interval_seconds }),
    });
    open("/settings/git");
    await user.click(await screen.findByRole("button", { name: "Log in at github.com" }));
    expect(await screen.findByText("7F3A-99C0")).toBeTruthy();
    expect(screen.getByRole("link", { name: "Open github.com/login/device" })).toHaveProperty(
      "href",
      "https://github.com/login/device",
    );
    denied = true;
    expect(await screen.findByText("The login was denied.")).toBeTruthy();
    denied = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("11AA-22BB")).toBeTruthy();
  });

  test("commits are signed with a key that is made for it, and replaced only after a yes", async () => {
    const user = userEvent.setup();
    let key = "";
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/signing-key": () => ({ public_key: key }),
      "PUT /api/v1/preferences": () => {
        key = "ssh-ed25519 AAAAfirst ana (Carrel)";
        return { ...PREFERENCES, sign_commits: true };
      },
      "PUT /api/v1/signing-key": { public_key: "ssh-ed25519 AAAAother ana (Carrel)" },
    });
    open("/settings/git");
    const card = await screen.findByRole("region", { name: "Signed commits" });
    await user.click(await within(card).findByRole("switch", { name: /Sign commits/ }));
    expect(await within(card).findByText(/AAAAfirst/)).toBeTruthy();
    expect(sent(asked, "PUT", "/api/v1/preferences")).toEqual({ ...PREFERENCES, sign_commits: true });
    await user.click(within(card).getByRole("button", { name: "Make another key…" }));
    expect(sent(asked, "PUT", "/api/v1/signing-key")).toBeUndefined();
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Make another" }));
    expect(await within(card).findByText(/AAAAother/)).toBeTruthy();
    expect(sent(asked, "PUT", "/api/v1/signing-key")).toEqual({ anew: true });
  });
});

describe("tokens", () => {
  test("one has the scopes and the life that were chosen, and is shown once", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "POST /api/v1/tokens": {
        id: "t1",
        token: "carrel_personal_abc",
        scopes: ["read"],
        expires_at: "2030-01-01T00:00:00Z",
      },
    });
    open("/settings/tokens");
    await user.click(await screen.findByRole("button", { name: "New token" }));
    await user.type(screen.getByLabelText(/What is it for/), "the build server");
    await user.click(screen.getByRole("checkbox", { name: "read" }));
    expect(await screen.findByText(/90 days at most/)).toBeTruthy();
    await user.type(screen.getByLabelText("How long?"), "never");
    await user.click(screen.getByRole("button", { name: "Make a token" }));
    expect(await screen.findByText("A token lives 90 days at most here.")).toBeTruthy();
    await user.clear(screen.getByLabelText("How long?"));
    await user.type(screen.getByLabelText("How long?"), "30d");
    await user.click(screen.getByRole("button", { name: "Make a token" }));
    expect(await screen.findByText("carrel_personal_abc")).toBeTruthy();
    expect(screen.getByText(/what its scopes say \(read\)/)).toBeTruthy();
    expect(sent(asked, "POST", "/api/v1/tokens")).toEqual({
      title: "the build server",
      scopes: ["read"],
      life_seconds: 2_592_000,
    });
  });
});

describe("where workspaces belong", () => {
  test("a project is preferred without touching the other preferences", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/projects": {
        items: [
          { name: "default", you: {} },
          { name: "maps", you: { "": "viewer" } },
          { name: "vision", you: { "": "developer" } },
        ],
      },
      "PUT /api/v1/preferences": { ...PREFERENCES, project: "vision" },
    });
    open("/settings/workspaces");
    const project = await screen.findByRole("combobox", { name: "Project" });
    await within(project).findByRole("option", { name: "vision" });
    expect(within(project).queryByRole("option", { name: "maps" })).toBeNull();
    await user.selectOptions(project, "vision");
    expect(await screen.findByText("New workspaces belong to vision, development.")).toBeTruthy();
    expect(sent(asked, "PUT", "/api/v1/preferences")).toEqual({ ...PREFERENCES, project: "vision" });
  });
});
