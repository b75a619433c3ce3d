/** Writes files in this thread's memory, which no killed process can leave incomplete. */

import type { Pieces } from "../../platform/atomic_write.ts";
import { createFolder, writeFile } from "./files.ts";
import { createFile } from "./memory_files.ts";
import { dirname } from "./paths.ts";

export type { Pieces };

/** Has a file filled at its path. Missing parent folders are created. */
export async function fillFileAtomically(
  path: string,
  fill: (path: string) => Promise<void>,
): Promise<void> {
  await createFolder(dirname(path), { recursive: true });
  await fill(path);
}

/** Writes a file, replacing an existing one. Missing parent folders are created. */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string | Pieces,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await createFolder(dirname(path), { recursive: true });
  if (bytes instanceof Uint8Array) return await writeFile(path, bytes);
  const file = createFile(path);
  for (const piece of bytes) file.write(file.size, piece);
}

/** Writes a value as indented JSON. */
export function writeJsonAtomically(path: string, value: unknown): Promise<void> {
  return writeFileAtomically(path, JSON.stringify(value, null, 4) + "\n");
}
