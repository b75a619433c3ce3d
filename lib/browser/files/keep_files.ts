/** Keeps a page's files in the browser, so that work can be resumed after the page was closed. */

import { type PrivateFolder, StoredTree } from "./stored_tree.ts";
import { keepFilesIn } from "./page_files.ts";

/** Whether the browser keeps a page's files. */
export type KeptFiles =
  | { readonly kept: true }
  | {
    readonly kept: false;
    /** Why not, to follow a colon. */
    readonly reason: string;
  };

/** The parts of `navigator` that are used. */
interface Browser {
  readonly storage?: { getDirectory?(): Promise<PrivateFolder & FolderOfFolders> };
  readonly locks?: {
    request(
      name: string,
      options: { readonly signal: AbortSignal },
      use: () => Promise<never>,
    ): Promise<never>;
  };
}

interface FolderOfFolders {
  getDirectoryHandle(name: string, options: { readonly create: true }): Promise<PrivateFolder>;
}

/** How long to wait for the page that is replaced by this one when a reader loads it again. */
const PATIENCE = 3000;

/**
 * Reads the files that this site keeps in the browser's private file system, and keeps all further
 * changes there. Without this call, or where it is not possible, the files of a page are in memory
 * and end with it. Call it before anything else reads or writes files.
 *
 * A page may be closed at any moment: what is kept is what was written completely until then.
 *
 * @param name Name of the collection of files: those of other names are not touched.
 * @returns Whether files are kept. Pages that were opened from a disk cannot keep any.
 * @throws {Error} If another page of the site uses the files, or this page has files already.
 * @throws {SyntaxError} If what is kept is damaged.
 *
 * @example Resuming where the last visit ended
 * ```ts ignore
 * import { keepFiles, Plans, Trainer } from "nnunet/browser";
 *
 * const { kept } = await keepFiles("course");
 * const trainer = new Trainer(await Plans.open({ root: "/", id: 1 }), "3d_fullres");
 * for await (const { epoch } of trainer.fit({ resume: kept })) console.log(epoch);
 * ```
 */
export async function keepFiles(name = "files"): Promise<KeptFiles> {
  const { storage, locks } = navigator as unknown as Browser;
  if (!storage?.getDirectory || !locks) {
    return { kept: false, reason: "this browser keeps no files for this page" };
  }
  let folder: PrivateFolder;
  try {
    const root = await storage.getDirectory();
    folder = await root.getDirectoryHandle(`nnunet-${name}`, { create: true });
  } catch (error) {
    // As for pages opened from a disk, and in some private windows.
    return { kept: false, reason: `the browser refuses: ${(error as Error).message}` };
  }
  await holdAlone(locks, `nnunet-files-${name}`);
  await keepFilesIn((restore) => StoredTree.open(folder, restore));
  return { kept: true };
}

/** Takes a lock until the page is closed. @throws {Error} If another page has it. */
async function holdAlone(locks: NonNullable<Browser["locks"]>, name: string): Promise<void> {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE);
  try {
    await new Promise<void>((resolve, reject) => {
      locks.request(name, { signal: waiting.signal }, () => {
        resolve();
        return new Promise<never>(() => {});
      }).catch(reject);
    });
  } catch (cause) {
    throw new Error(
      "Cannot open this site's files: another tab uses them; close it and load this page again",
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
