import { Card, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** A card with a title, as pages are made of. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card component="section" aria-label={title} h="100%">
      <Text fw={600} mb="md">
        {title}
      </Text>
      {children}
    </Card>
  );
}
