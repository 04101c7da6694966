/** Paths of a workspace's files, as the server answers them: absolute, with links resolved. */

export interface Crumb {
  name: string;
  path: string;
}

/** The folders from the root to this one. */
export function crumbsOf(path: string): Crumb[] {
  const names = path.split("/").filter(Boolean);
  return [
    { name: "/", path: "/" },
    ...names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join("/")}` })),
  ];
}

export function join(folder: string, name: string): string {
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

/** Where the browser fetches a file, or a folder as an archive. */
export function downloadAddress(workspaceId: string, path: string): string {
  return `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/files?${new URLSearchParams({ path }).toString()}`;
}

/** The page that shows a folder. */
export function addressOf(path: string): string {
  return `?${new URLSearchParams({ path }).toString()}`;
}
