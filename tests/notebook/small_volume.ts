/** A small grid with voxels of two spacings, and values for it. */

const shape = [24, 32, 20] as const;
/** The grid, with slices 2 mm apart. */
export const geometry = {
  shape,
  spacing: [2, 1, 1] as const,
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
};

/** Fills an array with a value for each voxel. */
export function fill<T extends { [index: number]: number }>(
  values: T,
  valueAt: (z: number, y: number, x: number) => number,
): T {
  let voxel = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++) values[voxel++] = valueAt(z, y, x);
    }
  }
  return values;
}

/** Number of voxels. */
export const size = shape[0] * shape[1] * shape[2];
