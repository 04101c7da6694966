import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { open } from "~/test/render";
import { problem, serve, stream, type Routes } from "~/test/server";

const SIGNED_IN: Routes = {
  "GET /api/v1/session": { user: "ana", user_id: "u1", role: "owner" },
  "GET /api/v1/events": () => stream(),
  "GET /api/v1/workspaces": { items: [], next_cursor: null },
  "GET /api/v1/projects": {
    items: ["default", "vision"].map((name) => ({ name, description: "", created_at: null, you: {} })),
  },
};

describe("repositories of templates", () => {
  const repository = {
    id: "r1",
    project: "",
    url: "https://git.example.org/platform/templates.git",
    ref: "main",
    folder: "",
    created_by: "ana",
    created_at: "2025-01-01T00:00:00Z",
    synced_at: "2025-01-02T00:00:00Z",
    commit: "9f1c2e47ab03d1",
    problem: "",
    templates: [
      { folder: "python", name: "python", version: 3, state: "updated", problem: "" },
      {
        folder: "ml",
        name: "",
        version: null,
        state: "refused",
        problem: "template.yaml, line 4: no such key",
      },
    ],
  };

  test("each folder has what became of it, and a repository is read on demand", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/template-repositories": { items: [repository] },
      "POST /api/v1/template-repositories/r1/sync": repository,
    });
    open("/template-repositories");
    const card = await screen.findByRole("region", { name: "platform/templates" });
    expect(within(card).getByText("template.yaml, line 4: no such key")).toBeTruthy();
    expect(within(card).getByText("refused")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Read platform/templates now" }));
    expect(await screen.findByText("platform/templates is read: 1 updated, 1 refused.")).toBeTruthy();
    expect(asked.filter(({ path }) => path.endsWith("/template-repositories"))).toHaveLength(2);
  });

  test("one is added for everybody or for a project, and what is wrong with it is told at its field", async () => {
    const user = userEvent.setup();
    let tries = 0;
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/template-repositories": () => ({ items: tries > 1 ? [repository] : [] }),
      "POST /api/v1/template-repositories": () => {
        tries += 1;
        if (tries === 1) {
          return problem(
            422,
            "source_unreachable",
            "The repository cannot be reached",
            "Look at its address.",
          );
        }
        return Response.json(repository, { status: 201 });
      },
    });
    open("/template-repositories");
    await user.click(await screen.findByRole("button", { name: "Add a repository" }));
    await user.click(screen.getByRole("button", { name: "Add" }));
    expect(await screen.findByText(/Paste the address/)).toBeTruthy();
    await user.type(screen.getByLabelText(/Git repository/), "https://git.example.org/platform/templates");
    await user.selectOptions(screen.getByLabelText("For"), "vision");
    await user.click(screen.getByRole("button", { name: "Add" }));
    expect(await screen.findByText(/cannot be reached/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Add" })).toBeNull());
    expect(asked.findLast(({ method }) => method === "POST")?.body).toEqual({
      url: "https://git.example.org/platform/templates",
      ref: "",
      folder: "",
      project: "vision",
    });
  });

  test("one is removed after a question", async () => {
    const user = userEvent.setup();
    const asked = serve({
      ...SIGNED_IN,
      "GET /api/v1/template-repositories": { items: [repository] },
      "DELETE /api/v1/template-repositories/r1": () => new Response(null, { status: 204 }),
    });
    open("/template-repositories");
    await user.click(await screen.findByRole("button", { name: "Remove platform/templates" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("platform/templates is no longer read.")).toBeTruthy();
    expect(asked.some(({ method, path }) => method === "DELETE" && path.endsWith("/r1"))).toBe(true);
  });
});
