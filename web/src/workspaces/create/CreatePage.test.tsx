import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { serve, stream, type Asked, type Routes } from "~/test/server";
import { workspace } from "~/test/workspace";

const NONE = { workspaces: null, running: null, cpus: null, memory_bytes: null, gpus: 0, disk_bytes: null };
const FULL = {
  kind: "over_quota",
  title: "A limit is reached",
  status: 409,
  detail: "The limit 'running' of the project default.",
  hint: "`carrel stop api` frees a place.",
};

function quota({ query }: Asked) {
  const isFull = query.get("project") === "default";
  return {
    workspace: NONE,
    most: { ...NONE, cpus: isFull ? 0 : 4 },
    running_left: isFull ? 0 : 2,
    workspaces_left: null,
    create_problem: null,
    start_problem: isFull ? FULL : null,
  };
}

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "developer" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/server": {
    version: "1",
    database: "sqlite",
    runtime: { name: "docker", version: "1", cpus: 8, memory_bytes: 2 ** 34, problem: "", notices: [] },
    settings: { default_project: "default", default_domain: "development" },
  },
  "GET /api/v1/preferences": { project: "", domain: "" },
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
  "GET /api/v1/workspaces/w1": workspace(),
  "GET /api/v1/workspaces/w1/events": () => stream(),
  "GET /api/v1/quota": quota,
  "POST /api/v1/workspaces": workspace(),
};

const inProjects = (...items: object[]): Routes => ({ ...SIGNED_IN, "GET /api/v1/projects": { items } });
const DEFAULT = { name: "default", description: "", you: {} };
const VISION = { name: "vision", description: "", you: { staging: "developer" } };
const made = (asked: readonly Asked[]) =>
  asked.find(({ method, path }) => method === "POST" && path === "/api/v1/workspaces")?.body;

describe("where a workspace belongs", () => {
  test("a full project says where there is room; the other one is chosen, with the domain that one has there", async () => {
    const user = userEvent.setup();
    const asked = serve(inProjects(DEFAULT, VISION));
    open("/new?url=https://git.example.org/ana/blog");
    expect(await screen.findByText(/There is room in vision/)).toBeTruthy();
    const project = screen.getByRole("combobox", { name: "Project" });
    expect(within(project).getByRole("option", { name: "default (a limit is reached)" })).toBeTruthy();
    await user.selectOptions(project, "vision");
    expect(await screen.findByText(/2 more may run/)).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
    const domain = screen.getByRole("combobox", { name: "Domain" });
    expect(within(domain).getAllByRole("option")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    await waitFor(() => expect(made(asked)).toMatchObject({ project: "vision", domain: "staging" }));
  });

  test("where one prefers to have them nothing is said of it, and the limits are those of there", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...inProjects(DEFAULT, VISION),
      "GET /api/v1/preferences": { project: "vision", domain: "staging" },
    });
    open("/new?url=https://git.example.org/ana/blog");
    expect(await screen.findByText(/2 more may run/)).toBeTruthy();
    expect(screen.getByRole("combobox", { name: "Project" })).toHaveProperty("value", "vision");
    await user.click(screen.getByRole("button", { name: "Create workspace" }));
    await waitFor(() => expect(made(asked)).toMatchObject({ name: "blog" }));
    expect(made(asked)).not.toHaveProperty("project");
  });

  test("who may have workspaces nowhere is told before", async () => {
    serve({
      ...inProjects(DEFAULT),
      "GET /api/v1/session": { user: "vic", user_id: "u7", role: "viewer" },
    });
    open("/new");
    expect(await screen.findByText("You may have workspaces in no project")).toBeTruthy();
  });
});
