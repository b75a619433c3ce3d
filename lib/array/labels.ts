/** Arrays of labels, one a voxel: as narrow as their highest label allows. */

/** Labels from 0 on; 0 is background. */
export type Labels<B extends ArrayBufferLike = ArrayBuffer> = Uint8Array<B> | Uint16Array<B>;

/** Labels among which a negative one marks voxels that cropping found to be outside the subject. */
export type SignedLabels<B extends ArrayBufferLike = ArrayBuffer> = Int8Array<B> | Int16Array<B>;

/** Labels that are only read. */
export type AnyLabels = Labels<ArrayBufferLike> | SignedLabels<ArrayBufferLike>;

/**
 * Labels to fill, all background.
 *
 * @param highestLabel The highest label that they must be able to hold, at most 65535.
 * @param size Number of voxels.
 * @returns An array of bytes, or of 16 bits from label 256 on.
 */
export function newLabels(highestLabel: number, size: number): Labels {
  return highestLabel > 255 ? new Uint16Array(size) : new Uint8Array(size);
}

/** The same in memory that several threads share; see {@link newLabels}. */
export function newSharedLabels(highestLabel: number, size: number): Labels<SharedArrayBuffer> {
  return highestLabel > 255
    ? new Uint16Array(new SharedArrayBuffer(2 * size))
    : new Uint8Array(new SharedArrayBuffer(size));
}
