import { describe, expect, test } from "vitest";
import { asked, historyOf, onWhat, particular, readFilter, writeFilter } from "./filter";

const NOTHING = readFilter(new URLSearchParams());

test("an address is read as it was written, without what means nothing", () => {
  const params = new URLSearchParams("actor=ana&action=workspace.&outcome=refused&since=2026-11-01");
  expect(writeFilter(readFilter(params)).toString()).toBe(params.toString());
  const wrong = new URLSearchParams("outcome=perhaps&since=2026-02-30&until=soon&other=1");
  expect(writeFilter(readFilter(wrong)).toString()).toBe("");
});

describe("what the API is asked for", () => {
  test("nothing that restricts nothing", () => {
    expect(asked(NOTHING)).toEqual({});
  });

  test("days are whole days of whoever looks, the last one included", () => {
    const query = asked({ ...NOTHING, since: "2026-11-01", until: "2026-11-30", actor: "ana" });
    expect(query).toEqual({
      actor: "ana",
      since: new Date(2026, 10, 1).toISOString(),
      until: new Date(2026, 11, 1).toISOString(),
    });
  });
});

test("a row leads to the history of what it is about", () => {
  expect(historyOf({ subject: "workspace:abc", named: "ana/blog" })).toEqual({ workspace: "ana/blog" });
  expect(historyOf({ subject: "workspace:abc", named: "" })).toEqual({ workspace: "abc" });
  expect(historyOf({ subject: "user:u1", named: "" })).toEqual({ subject: "user:u1" });
  expect(historyOf({ subject: "", named: "" })).toBeUndefined();
});

test.each([
  ["workspace:abc", "ana/blog", {}, "ana/blog"],
  ["workspace:abc", "", {}, "workspace abc"],
  ["user:u1", "", {}, "user ana"],
  ["user:u9", "", { name: "gone" }, "user gone"],
  ["user:u9", "", {}, "user u9"],
  ["project:web", "", { user: "ana", role: "viewer" }, "project web, ana"],
  ["project:web", "", { name: "web" }, "project web"],
  ["ssh_key:k1", "", { name: 7 }, "ssh key k1"],
  ["audit", "", {}, "audit"],
  ["", "", {}, ""],
])("%j called %j with %j is %j", (subject, named, detail, words) => {
  expect(onWhat({ subject, named, detail }, [{ id: "u1", name: "ana" }])).toBe(words);
});

test("particulars are shown as text", () => {
  expect(particular("ana")).toBe("ana");
  expect(particular({ a: [1, null] })).toBe('{"a":[1,null]}');
});
