import { Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, GitBranch, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import detail from "~/detail/DetailPage.module.css";
import { projectsQuery } from "~/projects/queries";
import { sessionQuery } from "~/session/queries";
import { repositoriesQuery, shelves } from "../queries";
import { AddRepository } from "./AddRepository";
import { RepositoryCard } from "./RepositoryCard";

/** Git repositories whose templates are kept in the catalog. */
export function RepositoriesPage() {
  usePageTitle("Template repositories");
  const query = useQuery(repositoriesQuery);
  const where = shelves(useQuery(sessionQuery).data, useQuery(projectsQuery).data?.items);
  const [adding, setAdding] = useState(false);
  const items = query.data?.items ?? [];
  return (
    <>
      <Link to="/templates" className={detail.crumb}>
        <ChevronLeft size={15} aria-hidden="true" />
        Templates
      </Link>
      <Group justify="space-between" mb={6}>
        <Title order={1}>Template repositories</Title>
        {where.length > 0 && !adding && (
          <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            Add a repository
          </Button>
        )}
      </Group>
      <Text c="dimmed" mb="lg">
        Every folder with a template.yaml becomes a template, and every change of it a version.
      </Text>
      <Stack gap="lg">
        {adding && <AddRepository where={where} onDone={() => setAdding(false)} />}
        {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Skeleton h={160} radius="lg" />}
        {query.isSuccess && items.length === 0 && !adding && (
          <Card>
            <EmptyState
              icon={<GitBranch size={34} strokeWidth={1.4} />}
              title="No repository yet"
              text="Templates can live where the rest of the code does, and come into the catalog from there."
            />
          </Card>
        )}
        {items.map((repository) => (
          <RepositoryCard
            key={repository.id}
            repository={repository}
            canManage={where.some(({ value }) => value === repository.project)}
          />
        ))}
      </Stack>
    </>
  );
}
