import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { asked, type Filter } from "./filter";

const PAGE_SIZE = 100;

/** Rows that match, the newest first. */
export function auditQuery(filter: Filter) {
  return infiniteQueryOptions({
    queryKey: ["audit", filter],
    // Nothing tells of new rows.
    staleTime: 0,
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked(filter), limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) };
      return answer(api.GET("/api/v1/audit", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Where everything that matches is had as JSON lines. */
export function exportAddress(filter: Filter): string {
  const params = new URLSearchParams(asked(filter));
  return `/api/v1/audit/export${params.size > 0 ? `?${params.toString()}` : ""}`;
}
