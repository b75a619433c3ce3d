/** Reads the checksums in a zip archive's headers, independently of the library. */

/** Returns each record's checksums: that of its local header and that of its directory entry. */
export function checksumsIn(archive: Uint8Array<ArrayBuffer>): Record<string, number[]> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const found: Record<string, number[]> = {};
  const nameAt = (start: number, length: number) =>
    new TextDecoder().decode(archive.subarray(start, start + length));
  for (let at = 0; at + 4 <= archive.length; at++) {
    const signature = view.getUint32(at, true);
    if (signature === 0x04034b50) {
      const name = nameAt(at + 30, view.getUint16(at + 26, true));
      found[name] = [view.getUint32(at + 14, true)];
    } else if (signature === 0x02014b50) {
      const name = nameAt(at + 46, view.getUint16(at + 28, true));
      found[name].push(view.getUint32(at + 16, true));
    }
  }
  return found;
}
