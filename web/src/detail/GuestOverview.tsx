import { Card, List, Stack, Text } from "@mantine/core";
import { DoorOpen } from "lucide-react";
import type { Workspace } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { PeopleCard } from "~/sharing/PeopleCard";
import { isStarting } from "~/workspaces/phase";
import { may } from "~/workspaces/rights";
import { AppList } from "./AppList";

/** Where a guest link leads: what is open to its guest, and who sees that they are there. */
export function GuestOverview({ workspace }: { workspace: Workspace }) {
  if (workspace.phase !== "running") {
    return (
      <Card>
        <EmptyState
          icon={<DoorOpen size={34} strokeWidth={1.4} />}
          title={isStarting(workspace) ? "It is being started" : "It does not run now"}
          text={`This page goes on by itself as soon as it runs. Only ${workspace.owner} and those who work in it can start it.`}
        />
      </Card>
    );
  }
  const full = may(workspace, "use");
  return (
    <Stack gap="lg">
      <Card component="section" aria-label="Your visit">
        <Text fw={600} mb={4}>
          {workspace.owner} lets you in
        </Text>
        <List size="sm" c="dimmed" spacing={4}>
          <List.Item>
            {full
              ? "You may work in it: type in its terminals, open its apps and ports, use its files."
              : "You may watch its terminals, without typing, and open the ports that were named for you."}
          </List.Item>
          <List.Item>Those who work in it see that you are here.</List.Item>
          <List.Item>The visit ends with the link, or when it is taken back.</List.Item>
        </List>
      </Card>
      <AppList workspace={workspace} />
      <PeopleCard workspace={workspace} />
    </Stack>
  );
}
