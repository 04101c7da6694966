import { ActionIcon, Text } from "@mantine/core";
import {
  Download,
  File as FileIcon,
  FileQuestion,
  FileSymlink,
  Folder as FolderIcon,
  FolderOpen,
} from "lucide-react";
import { Link } from "react-router";
import type { Folder, FolderItem, Workspace } from "~/api/types";
import { EmptyState } from "~/design/EmptyState";
import { Moment } from "~/design/Moment";
import { formatBytes } from "~/design/size";
import classes from "./FilesTab.module.css";
import { addressOf, downloadAddress, join } from "./paths";

/** What is in a folder: folders lead on, files are downloaded. */
export function Listing({ workspace, folder }: { workspace: Workspace; folder: Folder }) {
  if (folder.items.length === 0) {
    return (
      <EmptyState
        compact
        icon={<FolderOpen size={30} strokeWidth={1.4} />}
        title="An empty folder"
        text="Drop files here to upload them."
      />
    );
  }
  return (
    <>
      <ul className={classes.files}>
        {folder.items.map((item) => (
          <Row key={item.name} workspace={workspace} folder={folder} item={item} />
        ))}
      </ul>
      {!folder.whole && (
        <Text size="sm" c="dimmed" p="md">
          It has more than these {folder.items.length}; a terminal shows all.
        </Text>
      )}
    </>
  );
}

const ICONS = { file: FileIcon, folder: FolderIcon, link: FileSymlink, other: FileQuestion };

function Row({ workspace, folder, item }: { workspace: Workspace; folder: Folder; item: FolderItem }) {
  const path = join(folder.path, item.name);
  const what = item.kind === "link" ? item.target : item.kind;
  const Icon = ICONS[item.kind];
  const href = downloadAddress(workspace.id, path);
  const canDownload = what === "file" || what === "folder";
  return (
    <li className={classes.file}>
      <Icon size={17} className={classes.dimmed} aria-label={item.kind} />
      {what === "folder" && (
        <Link className={classes.name} to={addressOf(path)} title={item.name}>
          {item.name}
        </Link>
      )}
      {what === "file" && (
        <a className={classes.name} href={href} download title={item.name}>
          {item.name}
        </a>
      )}
      {!canDownload && <span className={classes.name}>{item.name}</span>}
      <span className={classes.size}>{item.size === null ? "" : formatBytes(item.size)}</span>
      <span className={`${classes.dimmed ?? ""} ${classes.modified ?? ""}`}>
        <Moment at={item.modified} />
      </span>
      {canDownload ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          component="a"
          href={href}
          download
          aria-label={what === "folder" ? `Download ${item.name} as an archive` : `Download ${item.name}`}
        >
          <Download size={16} />
        </ActionIcon>
      ) : (
        <span />
      )}
    </li>
  );
}
