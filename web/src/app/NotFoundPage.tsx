import { Button } from "@mantine/core";
import { Compass } from "lucide-react";
import { Link } from "react-router";
import { EmptyState } from "~/design/EmptyState";
import { usePageTitle } from "~/design/usePageTitle";

export function NotFoundPage() {
  usePageTitle("Not found");
  return (
    <EmptyState
      wholePage
      icon={<Compass size={36} strokeWidth={1.4} />}
      title="No such page"
      text="The address leads nowhere here."
    >
      <Button component={Link} to="/" variant="default">
        To the workspaces
      </Button>
    </EmptyState>
  );
}
