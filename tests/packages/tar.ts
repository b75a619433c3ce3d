/** Reads tar archives, as `deno publish` writes them. */

const BLOCK = 512;
const decoder = new TextDecoder();

/** Returns the archive's files by their names, which begin with a slash. */
export function readTar(archive: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let long: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const field = (start: number, length: number) => {
      const bytes = archive.subarray(at + start, at + start + length);
      return decoder.decode(bytes).replace(/\0.*$/s, "");
    };
    const size = parseInt(field(124, 12), 8);
    const content = archive.slice(at + BLOCK, at + BLOCK + size);
    const kind = field(156, 1);
    const prefix = field(345, 155);
    const name = long ?? (prefix ? `${prefix}/${field(0, 100)}` : field(0, 100));
    long = kind === "L" ? decoder.decode(content).replace(/\0.*$/s, "") : undefined;
    if (kind === "0" || kind === "") files.set(`/${name.replace(/^\.?\//, "")}`, content);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
