import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { asProblem } from "~/api/problem";
import type { GitLogin } from "~/api/types";

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

/** How far a login at a git host is, asked as often as the host lets it be asked, until it is over. */
export function gitLoginQuery({ host, user_code, interval_seconds: first }: GitLogin) {
  return queryOptions({
    queryKey: ["git-login", host, user_code],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/git-credentials/{host}/login", { params: { path: { host } }, signal })),
    refetchInterval: ({ state: { data, error } }) =>
      data?.state === "done" || isRefusal(error) ? false : (data?.interval_seconds ?? first) * 1000,
    // Whoever types the code does it on another page, and may not come back to this one.
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: false,
    retry: false,
    gcTime: 0,
  });
}

/** The login is over without having come to anything; an answer that did not come says nothing of it. */
export function isRefusal(error: unknown): boolean {
  if (error === null || error === undefined) return false;
  const { status } = asProblem(error);
  return status >= 400 && status < 500 && status !== 429;
}

export const signingKeyKey = ["signing-key"] as const;

/** The public half of one's signing key; empty: none was made. */
export const signingKeyQuery = queryOptions({
  queryKey: signingKeyKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/signing-key", { signal })),
});

export const identitiesKey = ["identities"] as const;

/** Accounts at identity providers with which one signs in. */
export const identitiesQuery = queryOptions({
  queryKey: identitiesKey,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/identities", { signal })),
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
