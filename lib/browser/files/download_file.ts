/** Hands files of a page to the reader. */

import { naming } from "../../platform/file_error.ts";
import { basename } from "../../platform/paths.ts";
import { pageFiles } from "./page_files.ts";

/** The parts of a page's document that are used. */
interface PageDocument {
  createElement(name: "a"): { href: string; download: string; click(): void };
}

/**
 * Saves a file of the page, such as a checkpoint, in the reader's folder for downloads.
 *
 * @param path The file.
 * @param name Name to save it under; its own by default.
 * @throws {FileError} If it does not exist.
 *
 * @example The weights, for Python's nnU-Net
 * ```ts ignore
 * import { downloadFile } from "nnunet/browser";
 *
 * await downloadFile(`${trainer.folder}/checkpoint_final.pth`);
 * ```
 */
export async function downloadFile(path: string, name: string = basename(path)): Promise<void> {
  const content = await naming("read", path, pageFiles().call("read", path));
  const { document } = globalThis as unknown as { document: PageDocument };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser reads the address after this call has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
