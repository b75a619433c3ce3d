/** Collects the files that are dropped on the page or chosen, also those of folders. */

import type { DropData, FileHandle, FolderEntry } from "./page_element.ts";

/** A file of the reader's, which stays on the reader's computer. */
export interface PageFile {
  /** Name, with the folders below which it was dropped or chosen. */
  readonly path: string;
  readonly file: File;
}

/** Returns files that were chosen, in ascending order. */
export function chosenFiles(files: Iterable<File>): PageFile[] {
  return inOrder([...files].map((file) => {
    // A chosen folder's files have their path below the folder's parent.
    const { webkitRelativePath } = file as File & { readonly webkitRelativePath?: string };
    return { path: webkitRelativePath || file.name, file };
  }));
}

/**
 * Returns files that were dropped, and those in folders that were, in ascending order.
 *
 * What was dropped can be read only until the event has been handled, so nothing is awaited before all
 * entries are taken.
 *
 * @throws {Error} If a folder cannot be read.
 */
export async function droppedFiles({ items }: DropData): Promise<PageFile[]> {
  const found = [...items].map((item): PageFile[] | Promise<PageFile[]> => {
    if (item.kind !== "file") return [];
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (!entry || entry.isFile) return file ? [{ path: file.name, file }] : [];
    // Pages that were opened from a disk cannot read entries of folders in Chromium, only handles.
    const handle = item.getAsFileSystemHandle?.();
    if (!handle) return filesBelow(entry, "");
    return handle.then((folder) => folder ? filesOf(folder, "") : filesBelow(entry, ""));
  });
  return inOrder((await Promise.all(found)).flat());
}

/** Files below a handle. */
async function filesOf(handle: FileHandle, folder: string): Promise<PageFile[]> {
  const path = folder + handle.name;
  if (handle.kind === "file") return [{ path, file: await handle.getFile!() }];
  const files: PageFile[] = [];
  for await (const inner of handle.values!()) files.push(...await filesOf(inner, `${path}/`));
  return files;
}

/** Files below an entry. */
async function filesBelow(entry: FolderEntry, folder: string): Promise<PageFile[]> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((use, fail) => entry.file!(use, fail));
    return [{ path, file }];
  }
  const reader = entry.createReader!();
  const files: PageFile[] = [];
  while (true) { // A reader returns about a hundred entries at a time, and none after the last.
    const entries = await new Promise<readonly FolderEntry[]>((use, fail) =>
      reader.readEntries(use, fail)
    );
    if (entries.length === 0) return files;
    for (const inner of entries) files.push(...await filesBelow(inner, `${path}/`));
  }
}

function inOrder(files: readonly PageFile[]): PageFile[] {
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}
