/** Unpacks DICOM's run lengths: the bytes of the values by significance, each packed as PackBits. */

/**
 * Unpacks a picture.
 *
 * @param packed A table of up to 15 segments, and the segments: one for each byte of the values, the
 * highest first.
 * @param count Number of values.
 * @param width Bytes per value.
 * @returns The values, lowest byte first.
 * @throws {RangeError} If there is another number of segments, or one is too short.
 * @see https://dicom.nema.org/medical/dicom/current/output/chtml/part05/chapter_G.html
 */
export function unpackRunLengths(
  packed: Uint8Array,
  count: number,
  width: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== width) {
    throw new RangeError(`found ${segments} segments for values of ${width} bytes`);
  }
  const starts = Array.from({ length: segments }, (_, i) => view.getUint32(4 + 4 * i, true));
  const values = new Uint8Array(count * width);
  for (const [i, start] of starts.entries()) {
    const segment = packed.subarray(start, starts[i + 1] ?? packed.length);
    const filled = unpackSegment(segment, values, width - 1 - i, width);
    if (filled < count) throw new RangeError(`a segment has ${filled} of ${count} bytes`);
  }
  return values;
}

/**
 * Unpacks runs of one repeated byte and runs of literal bytes into every `step`-th byte.
 *
 * @returns The number of unpacked bytes.
 */
function unpackSegment(packed: Uint8Array, values: Uint8Array, first: number, step: number) {
  let target = first;
  let position = 0;
  while (position < packed.length && target < values.length) {
    const control = packed[position++];
    if (control === 128) continue;
    const isRun = control > 128;
    const length = isRun ? 257 - control : Math.min(control + 1, packed.length - position);
    if (isRun && position === packed.length) break;
    for (let i = 0; i < length && target < values.length; i++, target += step) {
      values[target] = packed[isRun ? position : position + i];
    }
    position += isRun ? 1 : length;
  }
  return (target - first) / step;
}
