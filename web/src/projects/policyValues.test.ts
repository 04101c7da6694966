import { describe, expect, test } from "vitest";
import { inputOf, scheduleInWords, valuesOf, wrongDays, wrongDuration } from "./policyValues";

const NOTHING = {
  ttl_seconds: null,
  ttl_min_seconds: null,
  ttl_max_seconds: null,
  max_life_seconds: null,
  hard_life_seconds: null,
  archive_after_days: null,
  delete_after_days: null,
  trash_days: null,
  schedule: null,
};

test("a policy that chooses nothing is an empty form, and an empty form is such a policy", () => {
  const values = valuesOf({}, "Europe/Berlin");
  expect(values.ttl_seconds).toBe("");
  expect(values.time_zone).toBe("Europe/Berlin");
  expect(inputOf(values)).toEqual(NOTHING);
});

test("what was chosen comes out of the form as it went in", () => {
  const chosen = {
    ...NOTHING,
    ttl_seconds: 0,
    ttl_max_seconds: 28_800,
    archive_after_days: 0,
    delete_after_days: 30,
    schedule: { start: "08:00", stop: "18:30", days: ["mon", "sat"], time_zone: "Asia/Tokyo" },
  };
  expect(inputOf(valuesOf(chosen, "UTC"))).toEqual(chosen);
});

test("no idle time is never, no ceiling is none", () => {
  const values = valuesOf({ ttl_seconds: 0, ttl_max_seconds: 0 }, "UTC");
  expect([values.ttl_seconds, values.ttl_max_seconds]).toEqual(["never", "none"]);
  expect(inputOf(values)).toMatchObject({ ttl_seconds: 0, ttl_max_seconds: 0 });
});

test("days are sent in the order of the week", () => {
  const values = { ...valuesOf({}, "UTC"), stop: "19:00", days: ["sun", "tue"] };
  expect(inputOf(values).schedule).toEqual({
    start: "",
    stop: "19:00",
    days: ["tue", "sun"],
    time_zone: "UTC",
  });
});

test("what is typed wrongly is told before it is sent", () => {
  expect(wrongDuration("")).toBeNull();
  expect(wrongDuration("2h")).toBeNull();
  expect(wrongDuration("soon")).toMatch(/30m/);
  expect(wrongDays("14")).toBeNull();
  expect(wrongDays("1.5")).toMatch(/whole/);
  expect(wrongDays("-1")).toMatch(/whole/);
});

describe("a schedule in words", () => {
  test.each([
    [null, "none"],
    [{ start: "", stop: "" }, "none"],
    [{ start: "08:00", stop: "18:00" }, "Mon to Fri, from 08:00 to 18:00, UTC"],
    [
      { stop: "22:00", days: ["sat", "sun"], time_zone: "Europe/Berlin" },
      "Sat, Sun, stops at 22:00, Europe/Berlin",
    ],
    [
      { start: "07:00", days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] },
      "Every day, starts at 07:00, UTC",
    ],
    [{ start: "07:00", days: ["mon", "wed", "fri"] }, "Mon, Wed, Fri, starts at 07:00, UTC"],
  ])("%j", (schedule, words) => {
    expect(scheduleInWords(schedule)).toBe(words);
  });
});
