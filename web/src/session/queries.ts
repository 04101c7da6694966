/** Who is signed in, and the server they are signed in to. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { Session } from "~/api/types";

export const sessionKey = ["session"] as const;

/** The session, or null for somebody who is not signed in. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await answer(api.GET("/api/v1/session", { signal }));
    } catch (error) {
      if (asProblem(error).status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

/** How one may sign in to this server; asked before anybody is. */
export const waysQuery = queryOptions({
  queryKey: ["session-ways"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/session/ways", { signal })),
  staleTime: Infinity,
  retry: false,
});

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/server", { signal })),
  staleTime: 5 * 60_000,
});
