import { Container } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { QueryProblem } from "~/design/QueryProblem";
import { LiveWorkspaces } from "~/live/LiveWorkspaces";
import { sessionQuery } from "~/session/queries";
import { SignInPage } from "~/session/SignInPage";
import { Loading } from "./Loading";
import { Shell } from "./Shell";

/** The pages for somebody who is signed in, the sign-in page for everybody else. */
export function SessionGate() {
  const session = useQuery(sessionQuery);
  if (session.isPending) {
    return <Loading />;
  }
  if (session.data === undefined) {
    return (
      <Container size="xs" pt="15vh">
        <QueryProblem error={session.error} retry={() => void session.refetch()} />
      </Container>
    );
  }
  if (session.data === null) return <SignInPage />;
  return (
    <LiveWorkspaces>
      <Shell session={session.data} />
    </LiveWorkspaces>
  );
}
