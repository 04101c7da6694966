// @vitest-environment jsdom
import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { workspace } from "~/test/workspace";
import { keys, storePhase, storeWorkspace } from "./queries";

function clientWithList() {
  const client = new QueryClient();
  const page = { items: [workspace(), workspace({ id: "w2", name: "api" })], next_cursor: null };
  client.setQueryData(keys.list(false), { pages: [page], pageParams: [""] });
  const shown = () =>
    client
      .getQueryData<{ pages: { items: { id: string; phase: string }[] }[] }>(keys.list(false))
      ?.pages[0]?.items.map(({ id, phase }) => `${id} ${phase}`);
  return { client, shown };
}

test("a changed workspace is changed in the lists that have it, and nowhere else", () => {
  const { client, shown } = clientWithList();
  storeWorkspace(client, workspace({ phase: "stopped" }));
  expect(shown()).toEqual(["w1 stopped", "w2 running"]);
  storePhase(client, "w2", "stopping");
  expect(shown()).toEqual(["w1 stopped", "w2 stopping"]);
  storePhase(client, "w3", "running");
  expect(shown()).toEqual(["w1 stopped", "w2 stopping"]);
});

test("an answer that was asked for before an event does not bring the earlier phase back", async () => {
  const { client } = clientWithList();
  client.setQueryData(keys.one("w1"), workspace({ phase: "pending" }));
  let answer: (own: ReturnType<typeof workspace>) => void = () => undefined;
  const asked = client
    .query({ queryKey: keys.one("w1"), queryFn: () => new Promise((resolve) => (answer = resolve)) })
    .catch(() => undefined);
  storePhase(client, "w1", "cloning");
  answer(workspace({ phase: "pending" }));
  await asked;
  expect(client.getQueryData(keys.one("w1"))).toMatchObject({ phase: "cloning" });
});

test("a list that waits to be fetched again goes on waiting", async () => {
  const { client } = clientWithList();
  await client.invalidateQueries({ queryKey: keys.lists });
  storeWorkspace(client, workspace({ phase: "stopped" }));
  storeWorkspace(client, workspace({ id: "w3" }));
  expect(client.getQueryState(keys.list(false))?.isInvalidated).toBe(true);
});
