/**
 * The files of a page. Its main thread owns them; a worker reaches them through a port, which it
 * gets from the thread that starts it.
 */

import { type FileAccess, OwnFiles, SharedFiles } from "./file_calls.ts";
import { FileTree, type TreeEntry } from "./file_tree.ts";
import { Saver } from "./saver.ts";

/** Where the owner keeps the files. */
export interface Store {
  /** Saves the whole tree. */
  save(tree: FileTree): Promise<void>;
}

let saver: Saver | undefined;

/** The tree of the thread that owns the files. */
class OwnTree extends FileTree {
  async saved(): Promise<void> {
    await saver?.saved();
  }
}

const isWorker = (globalThis as { WorkerGlobalScope?: unknown }).WorkerGlobalScope !== undefined;
const tree = new OwnTree(() => saver?.changed());
let access: FileAccess | undefined = isWorker ? undefined : new OwnFiles(tree);

/** How this thread reaches the page's files. @throws {Error} In a worker that got no port. */
export function pageFiles(): FileAccess {
  if (access) return access;
  throw new Error("Cannot reach the page's files: this worker was not given a port to them");
}

/** The tree, if this thread owns it. */
export function ownTree(): FileTree | undefined {
  return isWorker ? undefined : tree;
}

/** Returns a port through which a worker that this thread starts reaches the files. */
export function portToFiles(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  pageFiles().serve(port1);
  return port2;
}

/** Lets this worker reach the files. @param port From {@link portToFiles} of another thread. */
export function reachFiles(port: MessagePort): void {
  access = new SharedFiles(port);
}

/**
 * Adds what is kept in a store to the files of this thread, and keeps them there from now on.
 *
 * @param open Reads the store's entries.
 * @throws {Error} If there are files already.
 */
export async function keepFilesIn(
  open: (restore: (entry: TreeEntry) => void) => Promise<Store>,
): Promise<void> {
  if (saver || !tree.entries().next().done) {
    throw new Error("Cannot open kept files: the page has files already; open them first");
  }
  const store = await open((entry) => tree.restore(entry));
  saver = new Saver(() => store.save(tree));
}
