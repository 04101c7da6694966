/** The pages of projects, users and the audit, and what they offer to whom. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { notifications } from "@mantine/notifications";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "~/api/types";
import { open } from "~/test/render";
import { problem, serve, stream, type Asked, type Routes } from "~/test/server";

const WEB = "/api/v1/projects/web";
const MADE = "2025-01-01T00:00:00Z";
const NONE = {
  workspaces: null,
  running: null,
  cpus: null,
  memory_bytes: null,
  gpus: null,
  disk_bytes: null,
};
const USED = { workspaces: 4, running: 2, cpus: 3, memory_bytes: 2 ** 31, gpus: 0, disk_bytes: 0 };
const IN_FORCE = {
  ttl_seconds: 3600,
  ttl_min_seconds: 300,
  ttl_max_seconds: 86_400,
  max_life_seconds: 86_400,
  hard_life_seconds: 0,
  warning_seconds: 900,
  archive_after_days: 14,
  delete_after_days: 30,
  trash_days: 7,
  notice_days: [2, 1],
  schedule: null,
  set_by: { ttl_seconds: "project" },
};

function account(id: string, name: string, role: Role, more: object = {}) {
  const known = { has_password: false, seen_at: null };
  const rest = { kind: "person", full_name: "", email: "", created_at: MADE, disabled: false };
  return { id, name, role, ...rest, ...known, ...more };
}

function member(user: string, user_id: string, role: Role, domain = "") {
  return { user, user_id, role, domain, created_at: MADE };
}

/** As somebody of a role, who is this in the project `web`. */
function as(role: Role, you: Record<string, Role> = {}): Routes {
  const web = { name: "web", description: "The shop.", created_at: MADE, you };
  return {
    "GET /api/v1/session": { user: "ana", user_id: "u1", role },
    "GET /api/v1/events": () => stream(),
    "GET /api/v1/projects": { items: [web] },
    [`GET ${WEB}`]: web,
    [`GET ${WEB}/members`]: {
      items: [member("ana", "u1", "developer"), member("bo", "u2", "developer", "staging")],
    },
    [`GET ${WEB}/policy`]: { project: "web", chosen: { ttl_seconds: 3600 }, in_force: IN_FORCE },
    [`GET ${WEB}/limits`]: { own: { ...NONE, running: 2 }, ceilings: { ...NONE, running: 2 }, used: USED },
    "GET /api/v1/users": {
      items: [
        account("u1", "ana", role),
        account("u2", "bo", "developer"),
        account("u3", "nightly", "developer", { kind: "service" }),
      ],
    },
  };
}

afterEach(() => notifications.clean());

const sent = (asked: Asked[], method: string) => asked.filter((one) => one.method === method);

/** Choose an option of a field of choices. */
async function choose(user: ReturnType<typeof userEvent.setup>, field: HTMLElement, option: string) {
  await user.click(field);
  await user.click(await screen.findByRole("option", { name: option }));
}

describe("projects", () => {
  test("an administrator makes one; a taken name is told at the field", async () => {
    const user = userEvent.setup();
    let tries = 0;
    const asked = serve({
      ...as("admin"),
      "POST /api/v1/projects": () => {
        tries += 1;
        if (tries === 1) return problem(409, "name_taken", "The name is taken", "Choose another name.");
        return Response.json({ name: "web", description: "", created_at: MADE, you: {} }, { status: 201 });
      },
    });
    open("/projects");
    await user.click(await screen.findByRole("button", { name: "New project" }));
    const name = screen.getByRole("textbox", { name: /^Name/ });
    await user.type(name, "web");
    await user.click(screen.getByRole("button", { name: "Make the project" }));
    expect(await screen.findByText("The name is taken Choose another name.")).toBeTruthy();
    expect(name.getAttribute("aria-invalid")).toBe("true");
    await user.click(screen.getByRole("button", { name: "Make the project" }));
    expect(await screen.findByRole("heading", { name: "web" })).toBeTruthy();
    expect(sent(asked, "POST")[1]?.body).toEqual({ name: "web", description: "" });
  });

  test("a member sees all of it, may leave, and is offered nothing else", async () => {
    serve(as("developer", { "": "developer" }));
    open("/projects/web");
    const members = await screen.findByRole("region", { name: "Members" });
    expect(await within(members).findByRole("button", { name: "Leave the project" })).toBeTruthy();
    expect(within(members).queryByRole("button", { name: /Remove bo/ })).toBeNull();
    expect(await screen.findByText("2 of 2")).toBeTruthy();
    expect(await screen.findByText("14 days at rest")).toBeTruthy();
    for (const name of ["Add a member", "Change", "Change the description", "Delete…"])
      expect(screen.queryByRole("button", { name })).toBeNull();
    expect(screen.queryByRole("link", { name: "Audit" })).toBeNull();
    expect(screen.queryByRole("region", { name: "Secrets" })).toBeNull();
  });

  test("who maintains one domain says who is a member there, and nowhere else", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...as("developer", { "": "developer", staging: "maintainer" }),
      [`PUT ${WEB}/members/u3`]: member("nightly", "u3", "viewer", "staging"),
      [`DELETE ${WEB}/members/u2`]: () => new Response(null, { status: 204 }),
    });
    open("/projects/web");
    await user.click(await screen.findByRole("button", { name: "Add a member" }));
    await choose(user, screen.getByPlaceholderText("A user or service account"), "nightly");
    await choose(user, screen.getByRole("combobox", { name: "Role" }), "Viewer");
    expect(screen.getByRole("combobox", { name: "Domain" })).toHaveProperty("value", "staging");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(sent(asked, "PUT")[0]?.body).toEqual({ role: "viewer", domain: "staging" }));
    await user.click(await screen.findByRole("button", { name: "Remove bo in staging" }));
    expect(sent(asked, "DELETE")).toHaveLength(0);
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(sent(asked, "DELETE")[0]?.query.get("domain")).toBe("staging"));
    expect(screen.getByRole("link", { name: "Audit" }).getAttribute("href")).toBe("/audit?project=web");
  });

  test("who leaves the project comes back to the others, and is shown nothing of it", async () => {
    const user = userEvent.setup();
    let isMember = true;
    const routes = as("developer", { "": "developer" });
    serve({
      ...routes,
      [`GET ${WEB}`]: () =>
        isMember ? Response.json(routes[`GET ${WEB}`]) : problem(404, "not_found", "There is no project"),
      "GET /api/v1/projects": () => Response.json(isMember ? routes["GET /api/v1/projects"] : { items: [] }),
      [`DELETE ${WEB}/members/u1`]: () => {
        isMember = false;
        return new Response(null, { status: 204 });
      },
    });
    const router = open("/projects/web");
    await user.click(await screen.findByRole("button", { name: "Leave the project" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Leave" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/projects"));
    await waitFor(() => expect(screen.queryByRole("link", { name: "web" })).toBeNull());
  });

  test("who maintains one domain stores secrets there; others are not even asked for any", async () => {
    const user = userEvent.setup();
    const stored = { name: "API_TOKEN", sources: [], created_at: MADE, updated_at: MADE };
    const asked = serve({
      ...as("developer", { staging: "maintainer" }),
      [`GET ${WEB}/domains/staging/secrets`]: { items: [{ ...stored, name: "OLD" }] },
      [`PUT ${WEB}/domains/staging/secrets/API_TOKEN`]: stored,
    });
    open("/projects/web");
    const secrets = await screen.findByRole("region", { name: "Secrets" });
    expect(await within(secrets).findByRole("button", { name: "Remove OLD in staging" })).toBeTruthy();
    await user.click(within(secrets).getByRole("button", { name: "Add a secret" }));
    await user.type(within(secrets).getByLabelText(/^Name/), "API_TOKEN");
    await user.type(within(secrets).getByLabelText(/^Value/, { selector: "input" }), "s3cret");
    await user.click(within(secrets).getByRole("button", { name: "Store" }));
    await waitFor(() => expect(sent(asked, "PUT")[0]?.body).toEqual({ value: "s3cret" }));
    expect(asked.some(({ path }) => path === `${WEB}/secrets`)).toBe(false);
  });

  test("limits are stored in bytes, and an empty field leaves it to the settings", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...as("admin"),
      [`PUT ${WEB}/limits`]: {
        own: { ...NONE, memory_bytes: 2 ** 33 },
        ceilings: { ...NONE, memory_bytes: 2 ** 33 },
        used: USED,
      },
    });
    open("/projects/web");
    const limits = await screen.findByRole("region", { name: "Limits" });
    await user.click(await within(limits).findByRole("button", { name: "Change" }));
    await user.clear(within(limits).getByLabelText("Running"));
    await user.type(within(limits).getByLabelText("Memory"), "8");
    await user.click(within(limits).getByRole("button", { name: "Save" }));
    expect(await within(limits).findByText(/2 GiB of 8 GiB/)).toBeTruthy();
    expect(sent(asked, "PUT")[0]?.body).toEqual({ ...NONE, memory_bytes: 2 ** 33 });
  });

  test("a policy that is typed wrongly is not sent; a refusal is at the field that it names", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...as("owner"),
      [`PUT ${WEB}/policy`]: () =>
        Response.json(
          {
            kind: "bad_value",
            title: "A value is not possible",
            status: 422,
            detail: "ttl_max_seconds: 172800 is above the installation's ceiling, 86400 (24 h).",
          },
          { status: 422 },
        ),
    });
    open("/projects/web");
    const policy = await screen.findByRole("region", { name: "Policy" });
    await user.click(await within(policy).findByRole("button", { name: "Change" }));
    const idle = within(policy).getByLabelText("Stops when idle for");
    expect(idle).toHaveProperty("value", "1h");
    await user.clear(idle);
    await user.type(idle, "soon");
    await user.click(within(policy).getByRole("button", { name: "Save" }));
    expect(await within(policy).findByText(/Write 30m/)).toBeTruthy();
    expect(sent(asked, "PUT")).toHaveLength(0);
    await user.clear(idle);
    await user.type(within(policy).getByLabelText("Longest idle time"), "2d");
    await user.click(within(policy).getByRole("button", { name: "Save" }));
    expect(await within(policy).findByText(/^172800 is above/)).toBeTruthy();
    expect(sent(asked, "PUT")[0]?.body).toMatchObject({
      ttl_seconds: null,
      ttl_max_seconds: 172_800,
      schedule: null,
    });
  });

  test("one that is not empty stays, and says what is in it", async () => {
    const user = userEvent.setup();
    serve({
      ...as("admin"),
      [`DELETE ${WEB}`]: () =>
        problem(409, "wrong_state", "Not possible now", "Delete them first, also from the trash."),
    });
    open("/projects/web");
    await user.click(await screen.findByRole("button", { name: "Delete…" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByText("Delete them first, also from the trash.")).toBeTruthy();
    expect(screen.getByRole("heading", { name: "web" })).toBeTruthy();
  });
});

describe("one user", () => {
  const own = { own: NONE, ceilings: NONE, used: USED };
  const routes = {
    "GET /api/v1/session/ways": { password: true, oidc: null },
    "GET /api/v1/users/u2/tokens": { items: [] },
    "GET /api/v1/users/u2/limits": own,
  };

  test("what somebody else may know is ended before they are invited anew, and only when it is confirmed", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...as("admin"),
      ...routes,
      "POST /api/v1/users/u2/invites": { url: "http://x/invite#abc", expires_in_seconds: 259_200 },
    });
    open("/users/u2");
    await user.click(await screen.findByRole("button", { name: "End all, and invite…" }));
    expect(sent(asked, "POST")).toHaveLength(0);
    await user.click(
      within(await screen.findByRole("dialog")).getByRole("button", { name: "End all, and invite" }),
    );
    expect(await screen.findByText("http://x/invite#abc")).toBeTruthy();
    expect(sent(asked, "POST")[0]?.body).toEqual({ reset: true });
  });

  test("a profile that is refused is told at its field", async () => {
    const user = userEvent.setup();
    const detail = "email: 'bo' is no address.";
    serve({
      ...as("admin"),
      ...routes,
      "PATCH /api/v1/users/u2": () =>
        Response.json({ kind: "bad_value", title: "Not possible", status: 422, detail }, { status: 422 }),
    });
    open("/users/u2");
    const profile = await screen.findByRole("region", { name: "Profile" });
    await user.type(within(profile).getByLabelText("E-mail address"), "bo");
    await user.click(within(profile).getByRole("button", { name: "Save" }));
    expect(await within(profile).findByText("'bo' is no address.")).toBeTruthy();
  });

  test("an administrator has nothing to do with owners, and nobody else with accounts", async () => {
    serve({
      ...as("admin"),
      "GET /api/v1/users": { items: [account("u2", "bo", "owner")] },
      ...routes,
    });
    open("/users/u2");
    expect(await screen.findByRole("heading", { name: "bo" })).toBeTruthy();
    expect(screen.getByRole("combobox", { name: "Role of bo" })).toHaveProperty("disabled", true);
    expect(screen.queryByRole("region", { name: "Letting in" })).toBeNull();
  });
});

describe("the audit", () => {
  const row = {
    id: 7,
    at: MADE,
    actor: "bo",
    actor_id: "u2",
    action: "workspace.created",
    subject: "workspace:w1",
    named: "bo/blog",
    project: "web",
    domain: "development",
    outcome: "done",
    address: "192.0.2.7",
    request_id: "r1",
    detail: { size: { cpus: 2 } },
  };
  const refused = { ...row, id: 8, action: "request.start_workspace", outcome: "refused" };

  test("what is looked for is asked of the server, also what the address says; pages follow each other", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...as("auditor"),
      "GET /api/v1/audit": ({ query }: Asked) =>
        query.get("cursor") === "more"
          ? { items: [row], next_cursor: null }
          : { items: [refused], next_cursor: "more" },
    });
    const router = open("/audit?project=web");
    expect(await screen.findByText("refused")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("workspace.created")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Particulars of workspace.created" }));
    expect(screen.getByText("192.0.2.7")).toBeTruthy();
    expect(screen.getByText('{"cpus":2}')).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "All by bo" }));
    await waitFor(() => expect(router.state.location.search).toBe("?actor=bo&project=web"));
    const last = () => asked.findLast(({ path }) => path === "/api/v1/audit")?.query;
    await waitFor(() =>
      expect(Object.fromEntries(last() ?? [])).toEqual({ actor: "bo", project: "web", limit: "100" }),
    );
    expect(screen.getByRole("link", { name: "Export" }).getAttribute("href")).toBe(
      "/api/v1/audit/export?actor=bo&project=web",
    );
  });

  test("what is typed applies when it is complete; showing all forgets it", async () => {
    const user = userEvent.setup();
    const asked = serve({ ...as("auditor"), "GET /api/v1/audit": { items: [], next_cursor: null } });
    const looks = () => asked.filter(({ path }) => path === "/api/v1/audit").length;
    open("/audit");
    expect(await screen.findByText("Nothing yet")).toBeTruthy();
    await user.type(screen.getByLabelText("On workspace"), "bo/blog");
    expect(looks()).toBe(1);
    await user.click(screen.getByRole("button", { name: "Look" }));
    expect(await screen.findByText("Nothing that matches")).toBeTruthy();
    expect(asked.findLast(({ path }) => path === "/api/v1/audit")?.query.get("workspace")).toBe("bo/blog");
    const filter = screen.getByRole("region", { name: "What is looked for" });
    await user.click(within(filter).getByRole("button", { name: "Show all" }));
    expect(await screen.findByText("Nothing yet")).toBeTruthy();
    await waitFor(() => expect(screen.getByLabelText("On workspace")).toHaveProperty("value", ""));
  });

  test("who may not read it is told so, and offered nothing", async () => {
    serve({
      ...as("developer"),
      "GET /api/v1/audit": () => problem(403, "not_allowed", "You may not do this", "Auditors read it."),
    });
    open("/audit");
    expect(await screen.findByText("Auditors read it.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Look" })).toBeNull();
    expect(screen.queryByRole("link", { name: "Export" })).toBeNull();
  });
});
