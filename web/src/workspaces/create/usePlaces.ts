import { useQueries, useQuery } from "@tanstack/react-query";
import type { Preferences, Server } from "~/api/types";
import { DEFAULT_PROJECT, DOMAINS } from "~/projects/rights";
import { projectsQuery } from "~/projects/queries";
import { serverQuery, sessionQuery } from "~/session/queries";
import { preferencesQuery } from "~/settings/queries";
import { placeFor, placesOf, type Choices, type Place } from "./places";
import { whyNothing } from "./quota";
import { quotaAt } from "./quotaQuery";

/** Of who looks after an installation with many more, only the one that is chosen is asked for. */
const MOST_ASKED = 20;

export interface Places {
  /** Undefined: not known yet, or not to be had. */
  choices: readonly Choices[] | undefined;
  /** Where the workspace goes. */
  place: Place;
  /** All that decides it is known, as far as it is to be had. */
  isSettled: boolean;
  /** It goes there also when nothing is said of it. */
  isDefault: boolean;
  /** Projects in which a limit lets nothing start now. */
  full: ReadonlySet<string>;
}

/** The projects of the signed-in person, and which of them `chosen` means; what is empty there is as they prefer. */
export function usePlaces(chosen: Place): Places {
  const session = useQuery(sessionQuery).data;
  const projects = useQuery(projectsQuery);
  const preferences = useQuery(preferencesQuery);
  const server = useQuery(serverQuery);
  const usual = usualPlace(preferences.data, server.data);
  const choices = projects.data && placesOf(session, projects.data.items);
  const place = placeFor(
    { project: chosen.project || usual.project, domain: chosen.domain || usual.domain },
    choices,
  );
  const asked = choices && choices.length <= MOST_ASKED ? choices : [];
  const full = useQueries({
    queries: asked.map(({ project, domains }) =>
      quotaAt(placeFor({ project, domain: place.domain }, [{ project, domains }])),
    ),
    combine: (found) =>
      asked.map(({ project }) => project).filter((_, index) => whyNothing(found[index]?.data) !== undefined),
  });
  return {
    choices,
    place,
    isSettled: !projects.isPending && !preferences.isPending && !server.isPending,
    isDefault: place.project === usual.project && place.domain === usual.domain,
    full: new Set(full),
  };
}

/** Where workspaces go for which nothing is said: as the person prefers, else as the server's settings say. */
export function usualPlace(preferences: Partial<Preferences> | undefined, server: Server | undefined): Place {
  const settings = server?.settings ?? {};
  return {
    project: said(preferences?.project, said(settings.default_project, DEFAULT_PROJECT)),
    domain: said(preferences?.domain, said(settings.default_domain, DOMAINS[0])),
  };
}

function said(text: unknown, otherwise: string): string {
  return typeof text === "string" && text !== "" ? text : otherwise;
}
