import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  text: ReactNode;
  children?: ReactNode;
  /** Inside a section of a page. */
  compact?: boolean;
  /** It is all that the page has to say. */
  wholePage?: boolean;
}

/** Where nothing is yet: what would be here, and how it comes to be. */
export function EmptyState({
  icon,
  title,
  text,
  children,
  compact = false,
  wholePage = false,
}: EmptyStateProps) {
  return (
    <Stack align="center" ta="center" gap="xs" py={compact ? 20 : 56} px="md">
      <Text c="dimmed" component="span" lh={0} mb={4} aria-hidden="true">
        {icon}
      </Text>
      <Title order={wholePage ? 1 : 2} fz="h3">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw={440}>
        {text}
      </Text>
      {children && (
        <Stack gap="sm" mt="md" align="center">
          {children}
        </Stack>
      )}
    </Stack>
  );
}
