import { Button, Card, Group, SegmentedControl, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, Navigate } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { sessionQuery } from "~/session/queries";
import { workspaceList } from "../queries";
import { FILTERS, matches, type Filter } from "./filter";
import { FirstWorkspace } from "./FirstWorkspace";
import { ListSkeleton, WorkspaceRow } from "./WorkspaceRow";
import classes from "./ListPage.module.css";

/** All workspaces of the signed-in person, live. */
export function ListPage() {
  usePageTitle("Workspaces");
  const query = useInfiniteQuery(workspaceList({ deleted: false }));
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = all.filter((workspace) => matches(workspace, filter, text));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isNarrowed = filter !== "all" || text.trim() !== "";
  useEffect(() => {
    // What is looked for may lie on a page that is not here yet.
    if (isNarrowed && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isNarrowed, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const hasShared = filter === "shared" || all.some(({ shared }) => shared !== null);
  const isEmpty = query.isSuccess && all.length === 0;
  const isGuest = useQuery(sessionQuery).data?.role === "guest";

  // A guest has one workspace, and makes none.
  if (isGuest && all[0]) return <Navigate to={`/workspaces/${all[0].id}`} replace />;

  return (
    <>
      <Group justify="space-between" mb="lg">
        <Title order={1}>Workspaces</Title>
        <Button component={Link} to="/new" leftSection={<Plus size={16} aria-hidden="true" />}>
          New workspace
        </Button>
      </Group>
      {isEmpty ? (
        <FirstWorkspace />
      ) : (
        <>
          <div className={classes.tools}>
            <TextInput
              type="search"
              aria-label="Search by name or source"
              placeholder="Search by name or source"
              leftSection={<Search size={16} aria-hidden="true" />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <SegmentedControl
              aria-label="Show"
              data={FILTERS.filter(({ value }) => value !== "shared" || hasShared).map(
                ({ value, label }) => ({
                  value,
                  label,
                }),
              )}
              value={filter}
              onChange={setFilter}
            />
          </div>
          {query.isError && all.length === 0 ? (
            <QueryProblem error={query.error} retry={() => void query.refetch()} />
          ) : (
            <Card padding={0} component="section" aria-label="Workspaces" aria-busy={query.isPending}>
              {query.isPending && <ListSkeleton />}
              {query.isSuccess && shown.length === 0 && (
                <EmptyState
                  icon={<Search size={32} strokeWidth={1.4} />}
                  title="None of that kind"
                  text="No workspace matches what you are looking for."
                >
                  <Button
                    variant="default"
                    onClick={() => {
                      setText("");
                      setFilter("all");
                    }}
                  >
                    Show all
                  </Button>
                </EmptyState>
              )}
              <ul className={classes.list}>
                {shown.map((workspace) => (
                  <WorkspaceRow key={workspace.id} workspace={workspace} />
                ))}
              </ul>
            </Card>
          )}
          {hasNextPage && (
            <Group justify="center" mt="md">
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show more
              </Button>
            </Group>
          )}
        </>
      )}
    </>
  );
}
