/** Reads what an exported page contains: its manifest and its files. */

/// <reference lib="dom" />

import { joinBytes } from "../array/join_bytes.ts";
import { elementIds, fileClass, type PageManifest } from "./page_manifest.ts";

/** Reads the page's manifest. */
export function readManifest(): PageManifest {
  return JSON.parse(document.getElementById(elementIds.manifest)!.textContent!);
}

/**
 * Reads a file of the page, which is then no longer in it: its text takes as much memory again.
 *
 * @param name Its name in the page.
 * @param isFolder Whether files are beside the page.
 * @throws {Error} If the file cannot be read.
 */
export async function readPageFile(
  name: string,
  isFolder: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isFolder) {
    const response = await fetch(name);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new Error(
      `Cannot read ${name}: the server answered ${response.status} ${response.statusText}; ` +
        "copy the whole folder of the page to it",
    );
  }
  const elements = [
    ...document.querySelectorAll<HTMLElement>(`.${fileClass}[data-name="${CSS.escape(name)}"]`),
  ];
  if (elements.length === 0) {
    throw new Error(`Cannot read ${name}: the page does not contain it; export the page again`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const element of elements) {
    parts.push(fromBase64(element.textContent!));
    element.remove();
  }
  const bytes = parts.length === 1 ? parts[0] : joinBytes(parts);
  return elements[0].dataset.packing === "gzip" ? await unpack(bytes) : bytes;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text); // Browsers of before 2025.
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
