/** Maps NIfTI's data type codes to number types. */

import { type VoxelType, voxelTypes } from "../voxels.ts";

/** All supported integer and real types, by NIfTI's code. */
export const niftiVoxelTypes: Readonly<Record<number, VoxelType>> = {
  2: voxelTypes.uint8,
  4: voxelTypes.int16,
  8: voxelTypes.int32,
  16: voxelTypes.float32,
  64: voxelTypes.float64,
  256: voxelTypes.int8,
  512: voxelTypes.uint16,
  768: voxelTypes.uint32,
  1024: voxelTypes.int64,
  1280: voxelTypes.uint64,
};

/** NIfTI's code for a number type. */
export function niftiTypeCode(type: VoxelType): number {
  return Number(Object.entries(niftiVoxelTypes).find(([, candidate]) => candidate === type)![0]);
}
