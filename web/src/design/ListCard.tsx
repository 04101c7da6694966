import { Button, Card, Group, Skeleton, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { HintText } from "./HintText";
import { QueryProblem } from "./QueryProblem";

interface ListCardProps<T> {
  title: string;
  about: string;
  addLabel: string;
  query: UseQueryResult<{ items: readonly T[] }>;
  /** False: one may look, but not add. */
  canAdd?: boolean;
  /** The form in which one is added. */
  form: (onDone: () => void) => ReactNode;
  /** Shown where there is none. */
  empty?: ReactNode;
  children: (items: readonly T[]) => ReactNode;
}

/** A section of a page: things that are stored, and a form for one more. */
export function ListCard<T>({
  title,
  about,
  addLabel,
  canAdd = true,
  query,
  form,
  empty,
  children,
}: ListCardProps<T>) {
  const [adding, setAdding] = useState(false);
  const items = query.data?.items ?? [];
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb={4} wrap="nowrap">
        <Text fw={600}>{title}</Text>
        {canAdd && !adding && (
          <Button
            size="xs"
            flex="none"
            variant="default"
            leftSection={<Plus size={14} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            {addLabel}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        <HintText>{about}</HintText>
      </Text>
      {canAdd && adding && form(() => setAdding(false))}
      {query.isPending && <Skeleton h={60} />}
      {query.isError && <QueryProblem error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && !adding && empty}
      {items.length > 0 && children(items)}
    </Card>
  );
}
