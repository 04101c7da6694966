import { Container } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { DoorClosed } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "~/design/EmptyState";
import { QueryProblem } from "~/design/QueryProblem";
import { usePageTitle } from "~/design/usePageTitle";
import { LiveWorkspaces } from "~/live/LiveWorkspaces";
import { sessionQuery } from "~/session/queries";
import { SignInPage } from "~/session/SignInPage";
import { Loading } from "./Loading";
import { Shell } from "./Shell";

/** For a guest whose link has ended, or was taken back. */
function VisitOver() {
  usePageTitle("The visit is over");
  return (
    <Container component="main" size="sm" pt="12vh">
      <EmptyState
        wholePage
        icon={<DoorClosed size={36} strokeWidth={1.4} />}
        title="Your visit is over"
        text="The guest link has ended, or was taken back. Ask for a fresh one."
      />
    </Container>
  );
}

/** The pages for somebody who is signed in, the sign-in page for everybody else. */
export function SessionGate() {
  const session = useQuery(sessionQuery);
  const [wasGuest, setWasGuest] = useState(false);
  if (session.data?.role === "guest" && !wasGuest) setWasGuest(true);
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
  if (session.data === null) return wasGuest ? <VisitOver /> : <SignInPage />;
  return (
    <LiveWorkspaces>
      <Shell session={session.data} />
    </LiveWorkspaces>
  );
}
