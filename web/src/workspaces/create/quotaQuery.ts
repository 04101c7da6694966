/** How the person stands against the limits of a place, asked again while a form is open: others start and stop, too. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Place } from "./places";

const AGAIN_MS = 15_000;

export function quotaAt({ project, domain }: Place) {
  return queryOptions({
    queryKey: ["quota", project, domain],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/quota", { params: { query: { project, domain } }, signal })),
    staleTime: 0,
    refetchInterval: AGAIN_MS,
    retry: false,
  });
}
