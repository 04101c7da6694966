import { Button, Container } from "@mantine/core";
import { useRouteError } from "react-router";
import { QueryProblem } from "~/design/QueryProblem";

/** The last resort when a page throws: say so, and a way on. */
export function CrashPage() {
  const error = useRouteError();
  return (
    <Container size="sm" pt="12vh" component="main">
      <QueryProblem error={error} />
      <Button mt="md" variant="default" onClick={() => window.location.assign("/")}>
        To the workspaces
      </Button>
    </Container>
  );
}
