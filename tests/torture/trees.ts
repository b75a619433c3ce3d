/** Reads folders into memory, to compare them before and after a command. */

import { dirname, join } from "@std/path";

/** All files below a folder by relative path; null for folders. */
export type Tree = ReadonlyMap<string, Uint8Array<ArrayBuffer> | null>;

/** Reads a folder, hidden files included. */
export function readTree(folder: string): Tree {
  const tree = new Map<string, Uint8Array<ArrayBuffer> | null>();
  const visit = (inside: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(folder, inside))) {
      const path = inside === "" ? name : `${inside}/${name}`;
      tree.set(path, isDirectory ? null : Deno.readFileSync(join(folder, path)));
      if (isDirectory) visit(path);
    }
  };
  visit("");
  return tree;
}

/** Preprocessing compares the times of its inputs, so they are the same in all runs. */
const CHANGED = new Date("2026-01-01T00:00:00Z");

/** Writes a tree to a folder, whose content it replaces. */
export function writeTree(folder: string, tree: Tree): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name } of Deno.readDirSync(folder)) {
    Deno.removeSync(join(folder, name), { recursive: true });
  }
  for (const [path, content] of tree) {
    const target = join(folder, path);
    if (content === null) Deno.mkdirSync(target, { recursive: true });
    else {
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.writeFileSync(target, content);
      Deno.utimeSync(target, CHANGED, CHANGED);
    }
  }
}

/** Selects the paths below some of a tree's files or folders. */
export function partOf(tree: Tree, paths: readonly string[]): Tree {
  return new Map(
    [...tree].filter(([path]) => paths.some((one) => path === one || path.startsWith(`${one}/`))),
  );
}

/** Whether two contents are equal byte by byte; both null if both are folders. */
export function areEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
