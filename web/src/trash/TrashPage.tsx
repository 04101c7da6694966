import { Button, Card, Group, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { PhaseBadge } from "~/design/PhaseBadge";
import { QueryProblem } from "~/design/QueryProblem";
import { tellDone } from "~/design/notices";
import { useNow } from "~/design/useNow";
import { usePageTitle } from "~/design/usePageTitle";
import { PurgeDialog } from "~/detail/DangerTab";
import { useCommand } from "~/workspaces/commands";
import { ListSkeleton } from "~/workspaces/list/WorkspaceRow";
import { workspaceList } from "~/workspaces/queries";
import { sourceLabel } from "~/workspaces/source";
import { statusLine } from "~/workspaces/statusLine";
import classes from "~/workspaces/list/ListPage.module.css";

/** Deleted workspaces whose files are still kept. */
export function TrashPage() {
  usePageTitle("Trash");
  const query = useInfiniteQuery(workspaceList({ deleted: true }));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Title order={1}>Trash</Title>
      <Text c="dimmed" mb="lg" mt={6}>
        Deleted workspaces keep their files until the date shown here, and can be taken back.
      </Text>
      {query.isError && items.length === 0 ? (
        <QueryProblem error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Card padding={0} component="section" aria-label="Deleted workspaces" aria-busy={query.isPending}>
          {query.isPending && <ListSkeleton />}
          {query.isSuccess && items.length === 0 && (
            <EmptyState
              icon={<Trash2 size={34} strokeWidth={1.4} />}
              title="The trash is empty"
              text="A workspace that you delete waits here for a while before it is gone for good."
            />
          )}
          <ul className={classes.list}>
            {items.map((workspace) => (
              <TrashRow key={workspace.id} workspace={workspace} />
            ))}
          </ul>
        </Card>
      )}
      {query.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}

function TrashRow({ workspace }: { workspace: Workspace }) {
  const now = useNow();
  const command = useCommand(workspace.id);
  const [purging, setPurging] = useState(false);
  const takeBack = () =>
    command.mutate(
      { command: "undelete" },
      { onSuccess: () => tellDone(`${workspace.name} is back among your workspaces.`) },
    );
  return (
    <li className={classes.row}>
      <div>
        <Link to={`/workspaces/${workspace.id}`} className={classes.name}>
          {workspace.name}
        </Link>
        <div className={classes.source}>
          <span>{sourceLabel(workspace.source)}</span>
        </div>
      </div>
      <div className={classes.status}>
        <PhaseBadge workspace={workspace} />
        <div className={classes.why}>
          <span>{statusLine(workspace, now)}</span>
        </div>
      </div>
      <div className={classes.actions}>
        <Button
          size="sm"
          variant="default"
          leftSection={<RotateCcw size={15} aria-hidden="true" />}
          loading={command.isPending}
          onClick={takeBack}
        >
          Take back
        </Button>
        <Button
          size="sm"
          variant="subtle"
          color="brick"
          aria-label={`Purge ${workspace.name}`}
          onClick={() => setPurging(true)}
        >
          Purge
        </Button>
      </div>
      <PurgeDialog workspace={workspace} opened={purging} onClose={() => setPurging(false)} />
    </li>
  );
}
