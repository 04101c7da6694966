/** How the person stands against the limits, asked again while a form is open: others start and stop, too. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";

export const quotaQuery = queryOptions({
  queryKey: ["quota"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/quota", { signal })),
  staleTime: 0,
  refetchInterval: 15_000,
  retry: false,
});
