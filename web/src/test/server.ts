/** A server for tests of pages: answers by method and path, and remembers what it was asked. */
import { afterEach, vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

/** What is answered: a response, a document, or a function that makes one of them. */
export type Routes = Record<string, unknown>;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Serve `routes` ("GET /api/v1/session" and so on) in the place of the network. */
export function serve(routes: Routes): Asked[] {
  const log: Asked[] = [];
  vi.stubGlobal("fetch", async (input: string | Request, init?: RequestInit) => {
    const request =
      input instanceof Request ? input : new Request(new URL(input, window.location.origin), init);
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
    log.push(asked);
    const route = routes[`${asked.method} ${pathname}`];
    if (route === undefined) return problem(404, "not_found", `no ${asked.method} ${pathname}`);
    const reply: unknown = typeof route === "function" ? (route as (asked: Asked) => unknown)(asked) : route;
    return reply instanceof Response ? reply : Response.json(reply);
  });
  return log;
}

export function problem(status: number, kind: string, title: string, hint = ""): Response {
  return Response.json({ kind, title, status, hint }, { status });
}

/** A stream of server-sent events that says these and then stays open. */
export function stream(...events: unknown[]): Response {
  const text = events.map((data, index) => `id: ${index + 1}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}
