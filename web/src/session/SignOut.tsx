import { Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import type { MouseEvent } from "react";
import { answer, api } from "~/api/client";
import type { Session } from "~/api/types";
import { tellProblem } from "~/design/notices";
import { waysQuery } from "./queries";

/** The server leads on from here to where the identity provider signs out, where it has such a page. */
const ALSO_THERE = "/logout/oidc";

/** Items of a menu: signing out here, and, where there is an identity provider, of that too. */
export function SignOut({ session }: { session: Session }) {
  const client = useQueryClient();
  const isGuest = session.role === "guest";
  const provider = useQuery({ ...waysQuery, enabled: !isGuest }).data?.oidc;
  const signOut = useMutation({
    mutationFn: async (next: string) => {
      await answer(api.DELETE("/api/v1/session"));
      return next;
    },
    onSuccess: (next) => window.location.assign(next),
    onError: tellProblem,
    onSettled: () => client.clear(),
  });

  function leave(event: MouseEvent) {
    event.preventDefault(); // the session here ends first
    signOut.mutate(ALSO_THERE);
  }

  return (
    <>
      <Menu.Item leftSection={<LogOut size={16} />} onClick={() => signOut.mutate("/")}>
        {isGuest ? "End the visit" : "Sign out"}
      </Menu.Item>
      {provider && (
        <Menu.Item component="a" href={ALSO_THERE} leftSection={<LogOut size={16} />} onClick={leave}>
          Sign out, also of {provider}
        </Menu.Item>
      )}
    </>
  );
}
