import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { serve, stream, type Routes } from "~/test/server";
import { parameter, templateDetail } from "~/test/template";
import { workspace } from "~/test/workspace";

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "owner" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
};

describe("a newer version", () => {
  const made = workspace({
    template: {
      name: "python",
      project: "vision",
      version: 1,
      newest: 2,
      update_available: true,
      update: "on_demand",
      withdrawn: false,
    },
    definition: {
      description: "",
      image: "",
      accelerator: "",
      on_startup: [],
      env: {},
      wanted_secrets: [],
      apps: [],
      schedule: null,
      template: { name: "python", version: "1", parameters: { level: "info" } },
    },
  });
  const level = parameter({
    name: "level",
    title: "Level",
    type: "choice",
    choices: ["info", "debug"],
    default: "info",
    mutable: true,
  });
  const first = templateDetail({ parameters: [level], workspace: { ttl_seconds: 600 } });
  const second = templateDetail({
    version: 2,
    parameters: [level, parameter({ name: "team", title: "Team" })],
    workspace: { ttl_seconds: 1200 },
  });
  const routes: Routes = {
    ...SIGNED_IN,
    "GET /api/v1/workspaces/w1": made,
    "GET /api/v1/workspaces/w1/events": () => stream(),
    "GET /api/v1/templates/python": ({ query }: { query: URLSearchParams }) =>
      query.get("version") === "2" ? second : first,
    "PATCH /api/v1/workspaces/w1": workspace({
      template: { ...made.template, version: 2, update_available: false } as never,
    }),
  };

  test("is offered with what it changes, asks for what is new, and is taken by a button", async () => {
    const user = userEvent.setup();
    const asked = serve(routes);
    open("/workspaces/w1");
    await user.click(await screen.findByRole("button", { name: "See what changes…" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("ttl_seconds")).toBeTruthy();
    expect(within(dialog).getByText("1200")).toBeTruthy();
    expect(within(dialog).queryByLabelText(/^Level/)).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "Take version 2" }));
    expect(await within(dialog).findByText("It is needed.")).toBeTruthy();
    await user.type(within(dialog).getByLabelText(/^Team/), "web");
    await user.click(within(dialog).getByRole("button", { name: "Take version 2" }));
    await waitFor(() => expect(screen.queryByText("There is a newer version of its template")).toBeNull());
    expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({
      template: { version: "2", parameters: { team: "web" } },
    });
  });

  test("values that may be changed later are changed at the version that it has", async () => {
    const user = userEvent.setup();
    const asked = serve(routes);
    open("/workspaces/w1");
    const section = await screen.findByRole("region", { name: "Template" });
    expect(within(section).getByText("1 of 2")).toBeTruthy();
    await user.click(within(section).getByRole("button", { name: "Change values…" }));
    await user.selectOptions(await screen.findByLabelText("Level"), "debug");
    await user.click(screen.getByRole("button", { name: "Apply" }));
    await waitFor(() => expect(asked.some(({ method }) => method === "PATCH")).toBe(true));
    expect(asked.find(({ method }) => method === "PATCH")?.body).toEqual({
      template: { version: "1", parameters: { level: "debug" } },
    });
  });

  test("the list says so", async () => {
    serve({ ...routes, "GET /api/v1/workspaces": { items: [made], next_cursor: null } });
    open("/");
    expect(await screen.findByText("Newer version of python")).toBeTruthy();
  });

  test("who may not change the workspace reads of it, without a button", async () => {
    serve({ ...routes, "GET /api/v1/workspaces/w1": { ...made, may: ["read"] } });
    open("/workspaces/w1");
    expect(await screen.findByText("There is a newer version of its template")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "See what changes…" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Change values…" })).toBeNull();
  });
});
