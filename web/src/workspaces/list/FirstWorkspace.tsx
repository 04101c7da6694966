import { Button, Card, Code, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import { Logo } from "~/app/Logo";
import { EmptyState } from "~/design/EmptyState";

/** What somebody sees who has no workspace yet. */
export function FirstWorkspace() {
  return (
    <Card>
      <EmptyState
        icon={<Logo size={52} />}
        title="Your first desk is waiting"
        text="Give Carrel a git repository, and it makes a machine with its editor, tools and files, as the repository's own devcontainer.json describes it. No such file? A good default is used."
      >
        <Button component={Link} to="/new" leftSection={<Plus size={16} aria-hidden="true" />}>
          New workspace
        </Button>
        <Text size="sm" c="dimmed">
          Or in a terminal: <Code>carrel up https://…</Code>
        </Text>
      </EmptyState>
    </Card>
  );
}
