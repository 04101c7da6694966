import { Button, Group, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, RefreshCw } from "lucide-react";
import { useSearchParams } from "react-router";
import { asProblem } from "~/api/problem";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { readsWholeAudit } from "~/projects/rights";
import { sessionQuery } from "~/session/queries";
import { AuditFilter } from "./AuditFilter";
import { AuditRows } from "./AuditRows";
import { readFilter, writeFilter, type Filter } from "./filter";
import { auditQuery, exportAddress } from "./queries";

/** Who did what, and what was refused; what is looked for is in the page's address. */
export function AuditPage() {
  usePageTitle("Audit");
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const query = useInfiniteQuery(auditQuery(filter));
  const readsAll = readsWholeAudit(useQuery(sessionQuery).data);
  const narrow = (changed: Partial<Filter>) =>
    setParams(writeFilter({ ...filter, ...changed }), { preventScrollReset: true });
  const showAll = () => setParams({}, { preventScrollReset: true });

  // Who may read none of it has nothing to look for.
  if (query.isError && asProblem(query.error).status === 403) return <QueryProblem error={query.error} />;
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Title order={1}>Audit</Title>
        <Group gap="sm">
          <Button
            variant="default"
            leftSection={<RefreshCw size={15} aria-hidden="true" />}
            loading={query.isRefetching}
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
      <AuditFilter filter={filter} onChange={narrow} onClear={showAll} />
      <AuditRows query={query} onNarrow={narrow} {...(params.size > 0 ? { onShowAll: showAll } : {})} />
    </>
  );
}
