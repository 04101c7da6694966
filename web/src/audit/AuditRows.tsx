import { Button, Card, Group, Skeleton } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import type { AuditRow } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import classes from "./AuditPage.module.css";
import { AuditRowItem } from "./AuditRowItem";
import type { Filter } from "./filter";

interface AuditRowsProps {
  query: UseInfiniteQueryResult<InfiniteData<{ items: AuditRow[] }>>;
  onNarrow: (changed: Partial<Filter>) => void;
  /** Undefined: nothing restricts what is shown. */
  onShowAll?: () => void;
}

/** What was found, a page after the other. */
export function AuditRows({ query, onNarrow, onShowAll }: AuditRowsProps) {
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      {(query.isPending || query.isSuccess || rows.length > 0) && (
        <Card padding={0} component="section" aria-label="What was done" aria-busy={query.isPending}>
          {query.isPending && <Skeleton h={320} />}
          {query.isSuccess && rows.length === 0 && (
            <EmptyState
              icon={<ScrollText size={32} strokeWidth={1.4} />}
              title={onShowAll ? "Nothing that matches" : "Nothing yet"}
              text="Nothing of the kind was done or refused, as far as you may know."
            >
              {onShowAll && (
                <Button variant="default" onClick={onShowAll}>
                  Show all
                </Button>
              )}
            </EmptyState>
          )}
          <ul className={classes.rows}>
            {rows.map((row) => (
              <AuditRowItem key={row.id} row={row} onNarrow={onNarrow} />
            ))}
          </ul>
        </Card>
      )}
      {query.isError && (
        <div className={classes.below}>
          <QueryProblem
            error={query.error}
            retry={() => void (query.isFetchNextPageError ? query.fetchNextPage() : query.refetch())}
          />
        </div>
      )}
      {query.hasNextPage && !query.isError && (
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
