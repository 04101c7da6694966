/** What was dropped on the page, folders with all that is in them. */
import type { Chosen } from "./uploads";

export async function filesOf(data: DataTransfer): Promise<Chosen[]> {
  // Entries must be asked for before the event is over.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...data.files].map((file) => ({ name: file.name, file }));
  return (await Promise.all(entries.map((entry) => filesBelow(entry, "")))).flat();
}

async function filesBelow(entry: FileSystemEntry, above: string): Promise<Chosen[]> {
  const name = above + entry.name;
  if (entry.isFile) return [{ name, file: await fileOf(entry as FileSystemFileEntry) }];
  const found: Chosen[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    found.push(...(await filesBelow(child, `${name}/`)));
  }
  return found;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and nothing when it is through.
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (more.length === 0) return found;
    found.push(...more);
  }
}
