/** Label arrays, one element per voxel, of the narrowest type for the highest label. */

/** Labels of 0 and above; 0 is background. */
export type Labels<B extends ArrayBufferLike = ArrayBuffer> = Uint8Array<B> | Uint16Array<B>;

/** Labels in which a negative value marks voxels that cropping found outside the subject. */
export type SignedLabels<B extends ArrayBufferLike = ArrayBuffer> = Int8Array<B> | Int16Array<B>;

/** Labels that are only read. */
export type AnyLabels = Labels<ArrayBufferLike> | SignedLabels<ArrayBufferLike>;

/**
 * Creates an array of background labels.
 *
 * @param highestLabel The highest label that it must be able to hold, at most 65535.
 * @param size Number of voxels.
 * @returns A `Uint8Array`, or a `Uint16Array` if the highest label is above 255.
 */
export function newLabels(highestLabel: number, size: number): Labels {
  return highestLabel > 255 ? new Uint16Array(size) : new Uint8Array(size);
}

/** Returns a label that occurs but is not among the allowed ones; undefined if there is none. */
export function labelBesides(data: Labels, allowed: readonly number[]): number | undefined {
  const isAllowed = new Uint8Array(1 << 16);
  for (const label of allowed) isAllowed[label] = 1;
  for (let voxel = 0; voxel < data.length; voxel++) {
    if (!isAllowed[data[voxel]]) return data[voxel];
  }
  return undefined;
}
