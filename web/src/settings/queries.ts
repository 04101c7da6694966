import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";

export const tokensKey = ["tokens"] as const;

/** Personal tokens and browser sessions of the signed-in person. */
export const tokensQuery = queryOptions({
  queryKey: tokensKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tokens", { signal })),
});

export const sessionsKey = ["sessions"] as const;

/** Where one is signed in with a browser. */
export const sessionsQuery = queryOptions({
  queryKey: sessionsKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/sessions", { signal })),
});

export const meKey = ["me"] as const;

/** One's own account. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me", { signal })),
});

export const credentialsKey = ["git-credentials"] as const;

export const credentialsQuery = queryOptions({
  queryKey: credentialsKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/git-credentials", { signal })),
});

export const secretsKey = ["secrets"] as const;

/** One's own secrets: names, never values. */
export const secretsQuery = queryOptions({
  queryKey: secretsKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/secrets", { signal })),
});

export const preferencesKey = ["preferences"] as const;

export const preferencesQuery = queryOptions({
  queryKey: preferencesKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/preferences", { signal })),
});

/** The host of what people paste: a host, or an address on it; empty where it is neither. */
export function hostOf(text: string): string {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]*@/, "")
    .replace(/[/?#].*$/, "");
  return /^[a-z0-9.-]+(:\d+)?$/.test(host) ? host : "";
}

/** Where the SSH gateway is. */
export const sshQuery = queryOptions({
  queryKey: ["ssh"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/ssh", { signal })),
});

export const sshKeysKey = ["ssh-keys"] as const;

/** One's own public keys. */
export const sshKeysQuery = queryOptions({
  queryKey: sshKeysKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/ssh-keys", { signal })),
});
