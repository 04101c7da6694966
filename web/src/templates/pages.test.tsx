import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { problem, serve, stream, type Routes } from "~/test/server";
import { parameter, size, template, templateDetail } from "~/test/template";
import { workspace } from "~/test/workspace";

const project = (name: string, you = {}) => ({ name, description: "", created_at: null, you });

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "owner" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
  "GET /api/v1/projects": { items: [project("default"), project("vision")] },
};
const DEVELOPER: Routes = {
  ...SIGNED_IN,
  "GET /api/v1/session": { user: "bo", user_id: "u2", role: "developer" },
  "GET /api/v1/projects": { items: [project("default")] },
};

describe("the catalog", () => {
  test("templates have what they are for, and those that cannot be used say so", async () => {
    const user = userEvent.setup();
    serve({
      ...SIGNED_IN,
      "GET /api/v1/templates": {
        items: [
          template(),
          template({ name: "ml", title: "", project: "vision", problem: "line 3: no such key" }),
          template({ name: "old", title: "Old shop", withdrawn: true }),
        ],
      },
    });
    open("/templates");
    const cards = within(await screen.findByRole("list", { name: "Templates" })).getAllByRole("listitem");
    expect(cards).toHaveLength(3);
    const [python, ml, old] = cards as [HTMLElement, HTMLElement, HTMLElement];
    expect(within(python).getByText("A Python with uv.")).toBeTruthy();
    expect(within(python).getByRole("link", { name: "New workspace from Python" })).toHaveProperty(
      "pathname",
      "/templates/python/new",
    );
    expect(within(ml).getByRole("link", { name: "ml" })).toHaveProperty("search", "?project=vision");
    expect(within(ml).getByTitle("line 3: no such key")).toBeTruthy();
    expect(within(old).queryByRole("link", { name: /New workspace/ })).toBeNull();
    await user.type(screen.getByRole("searchbox"), "vision");
    expect(screen.getAllByRole("listitem")).toHaveLength(1);
  });

  test("it is asked for anew at each visit: it changes without an event", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/templates": () => ({
        items: asked.filter(({ path }) => path === "/api/v1/templates").length > 1 ? [template()] : [],
      }),
    });
    open("/templates");
    expect(await screen.findByText("The catalog is empty")).toBeTruthy();
    await user.click(screen.getByRole("link", { name: "Trash" }));
    await user.click(await screen.findByRole("link", { name: "Templates" }));
    expect(await screen.findByRole("list", { name: "Templates" })).toBeTruthy();
  });

  test("an empty one tells who looks after templates how they come, and everybody else how to begin without", async () => {
    serve({ ...DEVELOPER, "GET /api/v1/templates": { items: [] } });
    open("/templates");
    expect(await screen.findByRole("link", { name: "New workspace" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Repositories" })).toBeNull();
  });
});

describe("one template", () => {
  const old = { number: 1, commit: "9f1c2e47ab03d1", created_at: "2025-01-01T00:00:00Z", created_by: "bo" };

  test("what it asks, its sizes and its versions are shown; an older version is used as such", async () => {
    serve({
      ...SIGNED_IN,
      "GET /api/v1/templates/python": templateDetail({
        project: "vision",
        version: 1,
        newest: 2,
        parameters: [parameter({ name: "team", title: "Team", description: "Who pays." })],
        sizes: { small: size(1, 2) },
        ceiling: size(4, 8),
        workspace: { source: "https://git.example.org/${parameters.team}/app" },
        versions: [{ ...old, number: 2 }, old],
      }),
    });
    open("/templates/python?project=vision&version=1");
    expect(await screen.findByText("https://git.example.org/‹Team›/app")).toBeTruthy();
    expect(screen.getByText("Who pays.")).toBeTruthy();
    expect(screen.getByText("4 CPUs, 8 GiB of memory")).toBeTruthy();
    const versions = screen.getByRole("region", { name: "Versions" });
    expect(within(versions).getByText("1, shown here")).toBeTruthy();
    expect(within(versions).getByRole("link", { name: "2" })).toHaveProperty("search", "?project=vision");
    expect(screen.getByRole("link", { name: "New workspace" })).toHaveProperty(
      "search",
      "?project=vision&version=1",
    );
  });

  test("it is deleted after a question, and only by who may", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/templates": { items: [] },
      "GET /api/v1/templates/python": templateDetail({ project: "vision" }),
      "DELETE /api/v1/templates/python": () => new Response(null, { status: 204 }),
    });
    open("/templates/python?project=vision");
    await user.click(await screen.findByRole("button", { name: "Delete…" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByText("The catalog is empty")).toBeTruthy();
    expect(asked.find(({ method }) => method === "DELETE")?.query.get("project")).toBe("vision");
  });

  test("who may only use it is offered nothing else", async () => {
    serve({ ...DEVELOPER, "GET /api/v1/templates/python": templateDetail({ may: ["use"] }) });
    open("/templates/python");
    expect(await screen.findByRole("link", { name: "New workspace" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Delete…" })).toBeNull();
  });
});

describe("a workspace of a template", () => {
  const asking = templateDetail({
    parameters: [
      parameter({ name: "team", title: "Team", pattern: "[a-z]+" }),
      parameter({ name: "gpus", title: "GPUs", type: "number", whole: true, maximum: 1, default: 0 }),
      parameter({ name: "notebooks", title: "Notebooks", type: "boolean", default: true }),
      parameter({
        name: "python",
        title: "Python",
        type: "choice",
        choices: ["3.11", "3.12"],
        default: "3.12",
      }),
    ],
    sizes: { small: size(1, 2), large: size(4, 8) },
    ceiling: size(4, 8),
    workspace: { source: "https://git.example.org/app" },
  });

  test("its parameters are the form: checked before anything is sent, and only what was chosen is", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/workspaces": { items: [workspace({ name: "python" })], next_cursor: null },
      "GET /api/v1/templates/python": asking,
      "POST /api/v1/workspaces": workspace(),
      "GET /api/v1/workspaces/w1": workspace(),
      "GET /api/v1/workspaces/w1/events": () => stream(),
    });
    const router = open("/templates/python/new");
    const send = await screen.findByRole("button", { name: "Create workspace" });
    await waitFor(() => expect(screen.getByLabelText(/^Name/)).toHaveProperty("value", "python-2"));
    expect(screen.queryByLabelText("Git repository")).toBeNull();
    await user.type(screen.getByLabelText(/^GPUs/), "9");
    await user.click(send);
    expect(await screen.findByText("It is needed.")).toBeTruthy();
    expect(screen.getByText("It is too large; the most is 1.")).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText(/^Team/));
    expect(asked.some(({ method }) => method === "POST")).toBe(false);

    await user.type(screen.getByLabelText(/^Team/), "web");
    await user.clear(screen.getByLabelText(/^GPUs/));
    await user.type(screen.getByLabelText(/^GPUs/), "1");
    await user.click(screen.getByRole("switch", { name: /^Notebooks/ }));
    await user.selectOptions(screen.getByLabelText("Size"), "size:small");
    await user.click(send);
    await waitFor(() => expect(router.state.location.pathname).toBe("/workspaces/w1"));
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
      name: "python-2",
      template: {
        name: "python",
        version: "",
        parameters: { team: "web", gpus: 1, notebooks: false },
        size: "small",
      },
    });
  });

  test("a size of one's own is held against the ceiling, and a project's template stays in its project", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/templates/python": { ...asking, project: "vision", parameters: [], workspace: {} },
      "POST /api/v1/workspaces": () => problem(409, "over_quota", "A limit is reached", "Stop one."),
    });
    open("/templates/python/new?project=vision&version=1");
    await user.selectOptions(await screen.findByLabelText("Size"), "own");
    await user.type(screen.getByLabelText("CPUs"), "8");
    const send = screen.getByRole("button", { name: "Create workspace" });
    await user.click(send);
    expect(await screen.findByText(/4 CPUs, 8 GiB of memory, no GPU, at most/)).toBeTruthy();
    await user.clear(screen.getByLabelText("CPUs"));
    await user.type(screen.getByLabelText("CPUs"), "3");
    await user.type(screen.getByLabelText("Git repository"), "https://git.example.org/ana/blog");
    await user.click(send);
    expect(await screen.findByText(/A limit is reached/)).toBeTruthy();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
      name: "python",
      project: "vision",
      domain: "development",
      source: { kind: "git", url: "https://git.example.org/ana/blog", ref: "" },
      template: { name: "python", version: "1", parameters: {} },
      limits: { cpus: 3, memory_bytes: null, gpus: 0 },
    });
  });

  test("what the server refuses stands at the parameter", async () => {
    const user = userEvent.setup();
    const detail = "Parameters of the template: 'team': 'web' does not match ops.*.";
    serve({
      ...SIGNED_IN,
      "GET /api/v1/templates/python": asking,
      "POST /api/v1/workspaces": () =>
        Response.json(
          { kind: "bad_value", title: "A value is not possible", status: 422, detail },
          { status: 422 },
        ),
    });
    open("/templates/python/new");
    await user.type(await screen.findByLabelText(/^Team/), "web");
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    expect(await screen.findByText("'web' does not match ops.*")).toBeTruthy();
    expect(screen.queryByText("A value is not possible")).toBeNull();
  });

  test("the page of a new workspace offers templates beside a repository", async () => {
    serve({
      ...SIGNED_IN,
      "GET /api/v1/templates": { items: [template(), template({ name: "old", withdrawn: true })] },
    });
    open("/new");
    const offers = await screen.findByRole("region", { name: "Templates" });
    expect(within(offers).getAllByRole("link")).toHaveLength(1);
    expect(screen.getByLabelText(/Git repository/)).toBeTruthy();
  });
});
