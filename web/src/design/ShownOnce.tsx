import { Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { CopyLine } from "./CopyLine";

interface ShownOnceProps {
  text: string;
  /** For the name of the button that copies it. */
  what: string;
  /** What whoever has it can do with it. */
  about: ReactNode;
  onDone: () => void;
}

/** Something that the server tells a single time. */
export function ShownOnce({ text, what, about, onDone }: ShownOnceProps) {
  return (
    <Stack gap="sm" pb="lg" role="status">
      <Text size="sm">Copy it now; it is shown this once. {about}</Text>
      <CopyLine text={text} what={what} />
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
