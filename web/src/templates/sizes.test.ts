import { describe, expect, test } from "vitest";
import type { Quota } from "~/api/types";
import { size, templateDetail } from "~/test/template";
import { NO_SIZE, OWN, problemsWithSize, resourcesOf, sizeName, sizeWords, templateSizes } from "./sizes";

const none = {
  workspaces: null,
  running: null,
  cpus: null,
  memory_bytes: null,
  gpus: null,
  disk_bytes: null,
};
const quota = (most: Partial<Quota["most"]>) =>
  ({ workspace: none, most: { ...none, ...most } }) as unknown as Quota;
const ml = templateDetail({
  sizes: { small: size(2, 4), training: size(8, 32, 1) },
  ceiling: size(8, 32, 1),
});
const plain = templateDetail({ ceiling: size(4, 8) });

describe("sizes of a template", () => {
  test("those that it names are offered, and those too large for what is left cannot be chosen", () => {
    const offered = templateSizes(ml, quota({ gpus: 0 }));
    expect(offered.map(({ value }) => value)).toEqual(["", "size:small", "size:training", OWN]);
    expect(offered.filter(({ disabled }) => disabled).map(({ label }) => label)).toEqual([
      "training: 8 CPUs, 32 GiB of memory, 1 GPU (too little is left)",
    ]);
  });

  test("where it names none, usual ones under its ceiling are", () => {
    expect(templateSizes(plain).map(({ value }) => value)).toEqual(["", "1:2", "2:4", "4:8", OWN]);
  });

  test("a choice is a size of the template, a usual one, or what is written", () => {
    expect(sizeName("size:small")).toBe("small");
    expect(sizeName("2:4")).toBe("");
    expect(resourcesOf(ml, "", NO_SIZE)).toBeUndefined();
    expect(resourcesOf(ml, "size:training", NO_SIZE)).toEqual(size(8, 32, 1));
    expect(resourcesOf(plain, "2:4", NO_SIZE)).toEqual(size(2, 4));
    expect(resourcesOf(plain, OWN, { cpus: "0.5", memory: " 1.5 ", gpus: "" })).toEqual(size(0.5, 1.5));
    expect(resourcesOf(plain, OWN, { cpus: "", memory: "3", gpus: "" })).toEqual({
      cpus: null,
      memory_bytes: 3 * 2 ** 30,
      gpus: 0,
    });
  });

  test("what is over the ceiling or the limits is told before it is sent", () => {
    const own = (cpus: string, memory = "", gpus = "") => ({ cpus, memory, gpus });
    expect(problemsWithSize(plain, OWN, own("16")).size).toMatch(/4 CPUs, 8 GiB of memory, no GPU, at most/);
    expect(problemsWithSize(plain, OWN, own("1", "", "1")).size).toMatch(/no GPU/);
    expect(problemsWithSize(ml, OWN, own("2", "33")).size).toMatch(/32 GiB of memory, 1 GPU at most/);
    expect(problemsWithSize(ml, "size:training", NO_SIZE, quota({ cpus: 2 })).size).toMatch(
      /2 CPUs are left/,
    );
    expect(problemsWithSize(ml, "size:training", NO_SIZE, quota({ gpus: 0 })).size).toMatch(/No GPU is left/);
    expect(problemsWithSize(ml, "size:training", NO_SIZE)).toEqual({});
    expect(Object.keys(problemsWithSize(plain, OWN, own("many", "4Gi", "1.5")))).toEqual([
      "cpus",
      "memory",
      "gpus",
    ]);
    expect(problemsWithSize(plain, OWN, own("")).cpus).toMatch(/at least one/);
  });

  test("what the template says is told where it is plain", () => {
    const said = (resources: unknown) =>
      templateSizes(templateDetail({ workspace: { resources } }))[0]?.label;
    expect(said({ cpu: "2", mem: "4Gi", gpu: null })).toBe("As the template says (2 CPUs, 4 GiB of memory)");
    expect(said({ cpu: "${parameters.cpu}", mem: "4Gi" })).toBe("As the template says (4 GiB of memory)");
    expect(said({ cpu: "500m" })).toBe("As the template says");
    expect(said(undefined)).toBe("As the template says");
  });

  test("sizes are told as people say them", () => {
    expect(sizeWords(size(1, 0.5, 2))).toBe("1 CPU, 512 MiB of memory, 2 GPUs");
    expect(sizeWords({ cpus: null, memory_bytes: null, gpus: 0 })).toBe("");
  });
});
