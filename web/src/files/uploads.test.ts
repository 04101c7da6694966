import { expect, test } from "vitest";
import { Problem } from "~/api/problem";
import type { Upload } from "./upload";
import { Uploads } from "./uploads";

interface Started extends Upload {
  finish: () => void;
  fail: (kind: string, status: number) => void;
  cancelled: boolean;
}

function uploads() {
  const started: Started[] = [];
  const done: string[] = [];
  const own = new Uploads(
    "w1",
    (folder) => done.push(folder),
    (upload) => {
      let settle: Pick<Started, "finish" | "fail"> | undefined;
      const promise = new Promise<void>((resolve, reject) => {
        settle = {
          finish: resolve,
          fail: (kind, status) => reject(new Problem({ kind, title: kind, status, hint: "" })),
        };
      });
      if (!settle) throw new Error("a promise runs its function at once");
      const one = { ...upload, ...settle, cancelled: false };
      started.push(one);
      return {
        done: promise,
        cancel: () => {
          one.cancelled = true;
          one.fail("unreachable", 0);
        },
      };
    },
  );
  const states = () => own.current().map(({ name, state }) => `${name} ${state}`);
  return { own, started, done, states };
}

const file = (name: string) => ({ name, file: new Blob(["12345"]) });
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("two at a time; the next begins when one is through", async () => {
  const { own, started, done, states } = uploads();
  own.add("/w", [file("a"), file("b"), file("c")]);
  expect(started.map(({ path }) => path)).toEqual(["/w/a", "/w/b"]);
  started[0]?.onProgress(3);
  expect(own.current()[0]?.sent).toBe(3);
  started[0]?.finish();
  await settled();
  expect(states()).toEqual(["a done", "b sending", "c sending"]);
  expect(done).toEqual(["/w"]);
});

test("nothing is overwritten before somebody says so", async () => {
  const { own, started, states } = uploads();
  own.add("/w", [file("a")]);
  expect(started[0]?.overwrite).toBe(false);
  started[0]?.fail("file_exists", 409);
  await settled();
  expect(states()).toEqual(["a exists"]);
  own.retry(own.current()[0]?.id ?? 0, true);
  expect(started[1]?.overwrite).toBe(true);
});

test("a full disk is told as the server tells it, and the others go on", async () => {
  const { own, started, states } = uploads();
  own.add("/w", [file("a"), file("b"), file("c")]);
  started[0]?.fail("no_space", 507);
  await settled();
  expect(states()).toEqual(["a failed", "b sending", "c sending"]);
  expect(own.current()[0]?.problem?.kind).toBe("no_space");
});

test("one that is cancelled stops, whether it has begun or not", async () => {
  const { own, started, states } = uploads();
  own.add("/w", [file("a"), file("b"), file("c")]);
  own.cancel(3);
  own.cancel(1);
  await settled();
  expect(started[0]?.cancelled).toBe(true);
  expect(states()).toEqual(["a cancelled", "b sending", "c cancelled"]);
  own.clear();
  expect(states()).toEqual(["b sending"]);
});

test("the folders above a file of a folder are made", () => {
  const { own, started } = uploads();
  own.add("/w", [file("src/a"), file("b")]);
  expect(started.map(({ path, parents }) => [path, parents])).toEqual([
    ["/w/src/a", true],
    ["/w/b", false],
  ]);
});
