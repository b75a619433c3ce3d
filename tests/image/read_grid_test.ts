import assert from "node:assert/strict";
import { join } from "@std/path";
import { readGrid } from "../../lib/image/read_grid.ts";
import { writeImage } from "../../lib/image/image_files.ts";
import type { Image } from "../../lib/image/image.ts";

const image: Image = {
  geometry: {
    shape: [40, 30, 20],
    spacing: [3, 2, 1],
    affine: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1],
  },
  channels: 2,
  data: Float32Array.from({ length: 48_000 }, (_, i) => Math.sin(i * i)),
};

for (const ending of [".nii", ".nii.gz"]) {
  Deno.test(`readGrid() reads shape, spacing and channels of ${ending} files`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, `scan${ending}`);
      await writeImage(path, image);
      await Deno.truncate(path, 2000); // Voxels are not needed.
      const { geometry, channels } = await readGrid(path);
      assert.deepEqual(geometry, image.geometry);
      assert.equal(channels, 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
