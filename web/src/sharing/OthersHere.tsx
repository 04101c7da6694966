import { useQuery } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { sessionQuery } from "~/session/queries";
import { peopleQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";
import classes from "./PeopleCard.module.css";

const REFRESH_MS = 10_000;
const NAMED = 2;

/** Says on every page of a workspace who else is in it: nobody is watched unknowingly. */
export function OthersHere({ workspace }: { workspace: Workspace }) {
  const user = useQuery(sessionQuery).data?.user;
  const running = workspace.phase === "running" && may(workspace, "watch");
  const { data } = useQuery({
    ...peopleQuery(workspace.id),
    enabled: running,
    refetchInterval: REFRESH_MS,
  });
  const others = running ? (data?.items ?? []).map(({ name }) => name).filter((name) => name !== user) : [];
  if (others.length === 0) return null;
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more` : "";
  return (
    <Link to="sharing" className={classes.others}>
      <Eye size={14} aria-hidden="true" />
      {others.slice(0, NAMED).join(", ")}
      {more} {others.length === 1 ? "is" : "are"} here
    </Link>
  );
}
