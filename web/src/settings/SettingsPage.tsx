import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "react-router";
import type { Session } from "~/api/types";
import { TabNav } from "~/design/TabNav";
import { usePageTitle } from "~/design/usePageTitle";
import { projectsQuery } from "~/projects/queries";
import { sessionQuery } from "~/session/queries";
import { labelOf } from "~/users/queries";
import { placesOf, worksByRole } from "~/workspaces/create/places";

/** Each with whether it is only for somebody who may have workspaces. */
const TABS: readonly (readonly [path: string, label: string, working?: boolean])[] = [
  ["", "Account"],
  ["git", "Git", true],
  ["ssh", "SSH", true],
  ["workspaces", "Workspaces", true],
  ["tokens", "Tokens"],
  ["server", "Server"],
];

/** What belongs to the signed-in person, and the server they use. */
export function SettingsPage() {
  usePageTitle("Settings");
  const session = useQuery(sessionQuery).data;
  const works = useWorks(session);
  return (
    <>
      <Title order={1} mb={6}>
        Settings
      </Title>
      <Text c="dimmed" mb="md">
        {session ? `Signed in as ${session.user}, ${labelOf(session.role).toLowerCase()}` : "\u00a0"}
      </Text>
      <TabNav
        label="Settings"
        tabs={TABS.filter(([, , working]) => works || !working).map(
          ([path, label]) => [path, label] as const,
        )}
      />
      <Outlet />
    </>
  );
}

/** Whether somebody may have workspaces, anywhere. */
function useWorks(session: Session | null | undefined): boolean {
  const projects = useQuery(projectsQuery).data;
  return worksByRole(session) || (projects !== undefined && placesOf(session, projects.items).length > 0);
}
