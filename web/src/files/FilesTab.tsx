import {
  ActionIcon,
  Anchor,
  Box,
  Button,
  Card,
  FileButton,
  Group,
  Skeleton,
  Stack,
  Text,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FolderArchive, FolderOpen, RefreshCw, Upload } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import type { Workspace } from "~/api/types";
import { QueryProblem } from "~/design/QueryProblem";
import { useDetail } from "~/detail/context";
import { NotRunning } from "~/detail/NotRunning";
import { folderQuery } from "~/workspaces/queries";
import { DropZone } from "./DropZone";
import classes from "./FilesTab.module.css";
import { Listing } from "./Listing";
import { addressOf, crumbsOf, downloadAddress } from "./paths";
import { UploadList } from "./UploadList";
import type { Chosen } from "./uploads";
import { useUploads } from "./useUploads";

/** Folders of a running workspace, with the rights of its user: down and up. */
export function FilesTab() {
  const { workspace } = useDetail();
  const { uploads, items } = useUploads(workspace.id);
  if (workspace.phase !== "running") {
    return <NotRunning icon={FolderOpen} text="Its files are kept; they can be looked at while it runs." />;
  }
  return (
    <Stack gap="lg">
      <Browser workspace={workspace} onChosen={(folder, chosen) => uploads.add(folder, chosen)} />
      <UploadList uploads={uploads} items={items} />
      <Text size="sm" c="dimmed">
        Files and folders can be dropped onto the list. For many or large ones: <code>carrel cp</code>,{" "}
        <code>scp</code> or <code>rsync</code>.
      </Text>
    </Stack>
  );
}

interface BrowserProps {
  workspace: Workspace;
  onChosen: (folder: string, chosen: readonly Chosen[]) => void;
}

function Browser({ workspace, onChosen }: BrowserProps) {
  const [search] = useSearchParams();
  const path = search.get("path") ?? "";
  const query = useQuery(folderQuery(workspace.id, path));
  const folder = query.data;
  return (
    <DropZone
      onFiles={(chosen) => {
        if (folder) onChosen(folder.path, chosen);
      }}
    >
      <Card padding={0} component="section" aria-label="Files" aria-busy={query.isFetching}>
        <div className={classes.tools}>
          <Crumbs path={folder?.path ?? (path.startsWith("/") ? path : "/")} />
          <Group gap={4}>
            <Button size="compact-sm" variant="subtle" color="gray" component={Link} to="?">
              Project
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" component={Link} to="?path=~/">
              Home
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Look again"
              loading={query.isFetching && !query.isPending}
              onClick={() => void query.refetch()}
            >
              <RefreshCw size={16} />
            </ActionIcon>
            {folder && (
              <ActionIcon
                variant="subtle"
                color="gray"
                component="a"
                href={downloadAddress(workspace.id, folder.path)}
                download
                aria-label="Download this folder as an archive"
              >
                <FolderArchive size={17} />
              </ActionIcon>
            )}
            <FileButton
              multiple
              onChange={(files) => {
                if (folder)
                  onChosen(
                    folder.path,
                    files.map((file) => ({ name: file.name, file })),
                  );
              }}
            >
              {(button) => (
                <Button
                  {...button}
                  size="xs"
                  disabled={!folder}
                  leftSection={<Upload size={15} aria-hidden="true" />}
                >
                  Upload
                </Button>
              )}
            </FileButton>
          </Group>
        </div>
        {query.isPending && <Skeleton h={200} />}
        {query.isError && (
          <Box p="md">
            <QueryProblem error={query.error} retry={() => void query.refetch()} />
          </Box>
        )}
        {folder && !query.isError && <Listing workspace={workspace} folder={folder} />}
      </Card>
    </DropZone>
  );
}

function Crumbs({ path }: { path: string }) {
  const crumbs = crumbsOf(path);
  return (
    <nav aria-label="Folders above">
      <ol className={classes.crumbs}>
        {crumbs.map((crumb, index) => (
          <li key={crumb.path}>
            {index === crumbs.length - 1 ? (
              <Text component="span" size="sm" fw={600} aria-current="location">
                {crumb.name}
              </Text>
            ) : (
              <Anchor component={Link} to={addressOf(crumb.path)} size="sm">
                {crumb.name}
              </Anchor>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
