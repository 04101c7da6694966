import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Folder, GitBranch } from "lucide-react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { PhaseBadge } from "~/design/PhaseBadge";
import { sessionQuery } from "~/session/queries";
import { useNow } from "~/design/useNow";
import { useCommand } from "../commands";
import { OpenButton } from "../OpenButton";
import { isBusy, needsAttention } from "../phase";
import { may, whoseLine } from "../rights";
import { sourceLabel } from "../source";
import { statusLine } from "../statusLine";
import { WorkspaceMenu } from "../WorkspaceMenu";
import classes from "./ListPage.module.css";

/** One workspace of the list. */
export function WorkspaceRow({ workspace }: { workspace: Workspace }) {
  const page = `/workspaces/${workspace.id}`;
  const ref = workspace.branch || (workspace.source.kind === "git" ? workspace.source.ref : "");
  const whose = whoseLine(workspace, useQuery(sessionQuery).data?.user);
  const SourceIcon = workspace.source.kind === "git" ? GitBranch : Folder;
  return (
    <li className={classes.row}>
      <div>
        <Link to={page} className={classes.name}>
          {workspace.name}
        </Link>
        {whose && <div className={classes.whose}>{whose}</div>}
        {workspace.template?.update_available && (
          <div className={classes.whose}>Newer version of {workspace.template.name}</div>
        )}
        <div className={classes.source}>
          <SourceIcon size={14} aria-hidden="true" />
          <span>
            {sourceLabel(workspace.source)}
            {ref && ` · ${ref}`}
          </span>
        </div>
      </div>
      <div className={classes.status}>
        <div className={classes.phase}>
          <PhaseBadge workspace={workspace} />
        </div>
        <div className={classes.why}>
          <Why workspace={workspace} />
        </div>
      </div>
      <div className={classes.actions}>
        <MainAction workspace={workspace} page={page} />
        <WorkspaceMenu workspace={workspace} />
      </div>
    </li>
  );
}

function Why({ workspace }: { workspace: Workspace }) {
  const now = useNow();
  const line = statusLine(workspace, now);
  return <span title={line}>{line}</span>;
}

/** The one thing that is most wanted in this phase. */
function MainAction({ workspace, page }: { workspace: Workspace; page: string }) {
  const command = useCommand(workspace.id);
  if (workspace.phase === "running" && may(workspace, "use"))
    return <OpenButton workspace={workspace} size="sm" variant="light" />;
  if (workspace.phase === "stopped" && may(workspace, "start")) {
    return (
      <Button
        size="sm"
        variant="default"
        loading={command.isPending}
        onClick={() => command.mutate({ command: "start" })}
        aria-label={`Start ${workspace.name}`}
      >
        Start
      </Button>
    );
  }
  const label = isBusy(workspace) ? "Follow" : needsAttention(workspace) ? "See why" : "Look";
  return (
    <Button
      component={Link}
      to={page}
      size="sm"
      variant="subtle"
      color="gray"
      aria-label={`${label} ${workspace.name}`}
    >
      {label}
    </Button>
  );
}

export function ListSkeleton() {
  return (
    <ul className={classes.list} aria-hidden="true">
      {[0, 1, 2].map((index) => (
        <li key={index} className={classes.row}>
          <div>
            <Skeleton h={16} w="40%" mb={10} />
            <Skeleton h={12} w="60%" />
          </div>
          <div className={classes.status}>
            <Skeleton h={14} w={90} mb={10} />
            <Skeleton h={12} w="70%" />
          </div>
          <div className={classes.actions}>
            <Skeleton h={32} w={120} />
          </div>
        </li>
      ))}
    </ul>
  );
}
