import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem } from "~/api/problem";
import { sessionKey } from "~/session/queries";

/** Answers are kept current by events, so that age alone is no reason to ask again soon. */
const STALE_AFTER_MS = 60_000;

function isOutage(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status === 429 || status >= 500;
}

export function makeQueryClient(): QueryClient {
  const signedOut = (error: unknown) => {
    if (asProblem(error).status === 401) client.setQueryData(sessionKey, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: signedOut }),
    mutationCache: new MutationCache({ onError: signedOut }),
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER_MS,
        retryDelay: (count) => 300 * 2 ** count,
        retry: (count, error) => count < 2 && isOutage(error),
        // The machine is often 127.0.0.1, which answers also when the browser believes that it is offline.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}
