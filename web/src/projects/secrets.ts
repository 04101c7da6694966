/** Secrets of a project, in all of its domains or in one: names, never values. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { StoredSecret } from "~/api/types";
import { projectKeys } from "./queries";

export interface PlacedSecret extends StoredSecret {
  /** Empty: of all of them. */
  domain: string;
}

/** Those of the domains that one looks after, one place after the other. */
export function projectSecretsQuery(project: string, domains: readonly string[]) {
  return queryOptions({
    queryKey: [...projectKeys.secrets(project), domains],
    queryFn: async ({ signal }) => {
      const places = domains.map(async (domain): Promise<PlacedSecret[]> => {
        const { items } = await (domain
          ? answer(
              api.GET("/api/v1/projects/{project}/domains/{domain}/secrets", {
                params: { path: { project, domain } },
                signal,
              }),
            )
          : answer(api.GET("/api/v1/projects/{project}/secrets", { params: { path: { project } }, signal })));
        return items.map((secret) => ({ ...secret, domain }));
      });
      return { items: (await Promise.all(places)).flat() };
    },
  });
}

export function putSecret(project: string, domain: string, name: string, value: string) {
  const body = { value };
  return domain
    ? answer(
        api.PUT("/api/v1/projects/{project}/domains/{domain}/secrets/{name}", {
          params: { path: { project, domain, name } },
          body,
        }),
      )
    : answer(
        api.PUT("/api/v1/projects/{project}/secrets/{name}", { params: { path: { project, name } }, body }),
      );
}

export async function deleteSecret(project: string, domain: string, name: string): Promise<void> {
  await (domain
    ? answer(
        api.DELETE("/api/v1/projects/{project}/domains/{domain}/secrets/{name}", {
          params: { path: { project, domain, name } },
        }),
      )
    : answer(
        api.DELETE("/api/v1/projects/{project}/secrets/{name}", { params: { path: { project, name } } }),
      ));
}
