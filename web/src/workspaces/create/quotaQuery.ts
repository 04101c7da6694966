/** How the person stands against the limits, asked again while a form is open: others start and stop, too. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Place } from "./places";

const AGAIN = { staleTime: 0, refetchInterval: 15_000, retry: false } as const;

/** In the default project. */
export const quotaQuery = queryOptions({
  queryKey: ["quota"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/quota", { signal })),
  ...AGAIN,
});

export function quotaAt({ project, domain }: Place) {
  return queryOptions({
    queryKey: ["quota", project, domain],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/quota", { params: { query: { project, domain } }, signal })),
    ...AGAIN,
  });
}
