import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { Loading } from "~/app/Loading";
import { ownPath } from "./ownPath";
import { sessionQuery } from "./queries";
import { SignInPage } from "./SignInPage";

/** Where the server sends a browser that has to sign in first; `next` says where it was going. */
export function SignInRoute() {
  const [query] = useSearchParams();
  const next = ownPath(query.get("next") ?? "/");
  const session = useQuery(sessionQuery);
  const signedIn = session.data !== null && session.data !== undefined;
  const usedLink = query.get("problem") === "link";

  useEffect(() => {
    if (signedIn) goTo(next);
  }, [signedIn, next]);

  if (session.isPending || signedIn) return <Loading />;
  return <SignInPage usedLink={usedLink} next={next} onSignedIn={() => goTo(next)} />;
}

/** A real navigation: some of these paths (/app-login) are the server's, not the pages'. */
function goTo(path: string): void {
  window.location.replace(path);
}
