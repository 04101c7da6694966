import { Alert, Anchor, Button, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink, Info, Plug } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import type { Workspace } from "~/api/types";
import { CopyLine } from "~/design/CopyLine";
import { sessionQuery } from "~/session/queries";
import { sshQuery } from "~/settings/queries";
import { mainApp } from "~/workspaces/apps";
import { environmentQuery } from "~/workspaces/queries";
import { may } from "~/workspaces/rights";
import { desktopLink, gatewayCommand, hostAlias } from "./ways";

/** Shows every way into a workspace with tools of one's own. */
export function ConnectButton({ workspace }: { workspace: Workspace }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<Plug size={16} aria-hidden="true" />}
        onClick={() => setOpened(true)}
      >
        Connect
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Connect to ${workspace.name}`}
        size="lg"
      >
        <Ways workspace={workspace} />
      </Modal>
    </>
  );
}

function Ways({ workspace }: { workspace: Workspace }) {
  const session = useQuery(sessionQuery).data;
  const user = session?.user;
  const isGuest = session?.role === "guest";
  const ssh = useQuery({ ...sshQuery, enabled: !isGuest }).data;
  const environment = useQuery({ ...environmentQuery(workspace.id), enabled: may(workspace, "read") }).data;
  const app = mainApp(workspace);
  const alias = hostAlias(workspace, user);
  const desktop = desktopLink(workspace, user, environment?.workspace_folder ?? "");
  const direct = gatewayCommand(workspace, user, ssh);
  return (
    <Stack gap="lg">
      <Way title="In the browser" about={app ? undefined : "Its apps are there as soon as it runs."}>
        {app && (
          <Button
            component="a"
            href={app.url}
            target="_blank"
            rel="noopener"
            w="fit-content"
            rightSection={<ExternalLink size={15} aria-hidden="true" />}
          >
            {app.title || app.name}
          </Button>
        )}
      </Way>
      {isGuest && (
        <Text size="sm" c="dimmed">
          A guest has no account, and so no SSH.
        </Text>
      )}
      {!isGuest && (
        <>
          <Alert
            color="lamp"
            variant="light"
            radius="md"
            icon={<Info size={18} aria-hidden="true" />}
            title="Once on each machine of yours"
          >
            <Stack gap={6}>
              <Text size="sm">
                Sign in there with <code>carrel login {window.location.origin}</code>; then this makes{" "}
                <code>*.carrel</code> known to SSH:
              </Text>
              <CopyLine text="carrel config-ssh" what="the command that configures SSH" />
            </Stack>
          </Alert>
          <Way
            title="VS Code on the desktop"
            about="With the extension Remote-SSH; Cursor reads the same hosts."
          >
            <Button
              component="a"
              href={desktop}
              variant="default"
              w="fit-content"
              rightSection={<ExternalLink size={15} aria-hidden="true" />}
            >
              Open in VS Code
            </Button>
            <CopyLine text={desktop} what="the link to desktop VS Code" />
          </Way>
          <Way
            title="SSH"
            about="Also for scp, rsync, git and JetBrains Gateway. It survives sleep and loss of network."
          >
            <CopyLine text={`ssh ${alias}`} what="the SSH command" />
          </Way>
          {direct && (
            <Way
              title="SSH without the carrel command"
              about={
                <>
                  With a key that is stored in the{" "}
                  <Anchor component={Link} to="/settings/ssh" size="sm">
                    settings
                  </Anchor>
                  .
                </>
              }
            >
              <CopyLine text={direct} what="the SSH command through the gateway" />
            </Way>
          )}
        </>
      )}
    </Stack>
  );
}

function Way({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap={6} component="section" aria-label={title}>
      <div>
        <Text fw={600} size="sm">
          {title}
        </Text>
        {about && (
          <Text size="sm" c="dimmed">
            {about}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
