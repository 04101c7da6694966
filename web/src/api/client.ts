/** The typed client of our API; every failure is thrown as a Problem. */
import createClient from "openapi-fetch";
import { Problem, problemFromAnswer } from "./problem";
import type { paths } from "./schema";

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  // Looked up at each call, so that a test can put a server in its place.
  fetch: (request) => globalThis.fetch(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws Problem where it was not a success. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await request;
  if (!response.ok) throw new Problem(problemFromAnswer(error, response));
  return data as NonNullable<T>;
}
