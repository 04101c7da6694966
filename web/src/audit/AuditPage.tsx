import { Button, Card, Group, Skeleton, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, RefreshCw, ScrollText } from "lucide-react";
import { useSearchParams } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { readsWholeAudit } from "~/projects/rights";
import { sessionQuery } from "~/session/queries";
import classes from "./AuditPage.module.css";
import { AuditFilter } from "./AuditFilter";
import { AuditRowItem } from "./AuditRowItem";
import { readFilter, writeFilter, type Filter } from "./filter";
import { auditQuery, exportAddress } from "./queries";

/** Who did what, and what was refused; what is looked for is in the page's address. */
export function AuditPage() {
  usePageTitle("Audit");
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const text = writeFilter(filter).toString();
  const query = useInfiniteQuery(auditQuery(filter));
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const readsAll = readsWholeAudit(useQuery(sessionQuery).data);
  const narrow = (changed: Partial<Filter>) =>
    setParams(writeFilter({ ...filter, ...changed }), { preventScrollReset: true });
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Title order={1}>Audit</Title>
        <Group gap="sm">
          <Button
            variant="default"
            leftSection={<RefreshCw size={15} aria-hidden="true" />}
            loading={query.isFetching && !query.isFetchingNextPage && !query.isPending}
            onClick={() => void query.refetch()}
          >
            Refresh
          </Button>
          <Button
            component="a"
            href={exportAddress(filter)}
            download
            variant="default"
            leftSection={<Download size={15} aria-hidden="true" />}
            title="Everything that matches, as JSON lines, the oldest first"
          >
            Export
          </Button>
        </Group>
      </Group>
      <Text c="dimmed" mb="lg">
        {readsAll
          ? "Every change, everybody's coming into a workspace, and what was refused."
          : "Every change, everybody's coming into a workspace, and what was refused, in the projects that you look after."}
      </Text>
      <AuditFilter filter={filter} onChange={narrow} onClear={() => setParams({})} />
      {query.isError && rows.length === 0 ? (
        <QueryProblem error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Card padding={0} component="section" aria-label="What was done" aria-busy={query.isPending}>
          {query.isPending && <Skeleton h={320} />}
          {query.isSuccess && rows.length === 0 && (
            <EmptyState
              icon={<ScrollText size={32} strokeWidth={1.4} />}
              title="Nothing that matches"
              text="Nothing of the kind was done or refused, as far as you may know."
            >
              {text !== "" && (
                <Button variant="default" onClick={() => setParams({})}>
                  Show all
                </Button>
              )}
            </EmptyState>
          )}
          <ul className={classes.rows}>
            {rows.map((row) => (
              <AuditRowItem key={row.id} row={row} onNarrow={narrow} />
            ))}
          </ul>
        </Card>
      )}
      {query.isError && rows.length > 0 && (
        <div className={classes.below}>
          <QueryProblem error={query.error} retry={() => void query.fetchNextPage()} />
        </div>
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
