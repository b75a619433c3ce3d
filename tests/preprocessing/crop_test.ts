import assert from "node:assert/strict";
import fc from "fast-check";
import { cropToNonzero } from "../../lib/preprocessing/crop.ts";

/** A volume from drawn slices: one string per row, one digit per voxel. */
function volume(slices: readonly (readonly string[])[]) {
  const digits = slices.flat().join("").split("").map(Number);
  return { shape: [slices.length, slices[0].length, slices[0][0].length], data: digits };
}

function image(slices: readonly (readonly string[])[]) {
  const { shape, data } = volume(slices);
  return { shape: [1, ...shape], data: Float32Array.from(data) };
}

const empty = ["00000", "00000", "00000", "00000", "00000"];
const shell = [
  empty,
  ["00000", "02220", "02220", "02220", "00000"],
  ["00000", "02220", "02020", "02220", "00000"],
  ["00000", "02220", "02220", "02220", "00000"],
  empty,
];

Deno.test("cropToNonzero() keeps the bounding box of nonzero values", () => {
  const cropped = cropToNonzero(image([empty, ["00000", "00100", "00002", "00000", "00000"]]));
  assert.deepEqual(cropped.box, [[1, 2], [1, 3], [2, 5]]);
  assert.deepEqual(cropped.data.shape, [1, 1, 2, 3]);
  assert.deepEqual([...cropped.data.data], [1, 0, 0, 0, 0, 2]);
  assert.deepEqual([...cropped.segmentation.data], [0, -1, -1, -1, -1, 0]);
});

Deno.test("cropToNonzero() treats an enclosed hole as inside", () => {
  const cropped = cropToNonzero(image(shell));
  assert.deepEqual(cropped.box, [[1, 4], [1, 4], [1, 4]]);
  assert.equal(cropped.segmentation.data[13], 0);
});

Deno.test("cropToNonzero() treats a hole open through one face as outside", () => {
  const open = [...shell];
  open[1] = ["00000", "02220", "02020", "02220", "00000"];
  const { segmentation } = cropToNonzero(image(open));
  assert.equal(segmentation.data[13], -1);
  assert.equal(segmentation.data[4], -1);
});

Deno.test("cropToNonzero() keeps labels outside the mask", () => {
  const labels = volume([["300", "001", "000"]]);
  const cropped = cropToNonzero(image([["100", "000", "001"]]), {
    shape: labels.shape,
    data: Uint8Array.from(labels.data),
  });
  assert.deepEqual([...cropped.segmentation.data], [3, -1, -1, -1, -1, 1, -1, -1, 0]);
});

Deno.test("cropToNonzero() considers all channels", () => {
  const data = { shape: [2, 1, 1, 4], data: Float32Array.of(0, 1, 0, 0, 0, 0, 2, 0) };
  const cropped = cropToNonzero(data);
  assert.deepEqual(cropped.box, [[0, 1], [0, 1], [1, 3]]);
  assert.deepEqual([...cropped.data.data], [1, 0, 0, 2]);
});

Deno.test("cropToNonzero() does not crop a scan of zeros", () => {
  const cropped = cropToNonzero(image([["000", "000"]]));
  assert.deepEqual(cropped.box, [[0, 1], [0, 2], [0, 3]]);
  assert.ok(cropped.segmentation.data.every((label) => label === -1));
});

Deno.test("cropToNonzero() rejects a segmentation of a different shape", () => {
  assert.throws(
    () => cropToNonzero(image([["1"]]), { shape: [1, 1, 2], data: Uint8Array.of(0, 0) }),
    { name: "TypeError", message: /segmentation has shape \[1,1,2\], expected the image's/ },
  );
});

/** Computes the outside by its definition, repeating sweeps until nothing changes. */
function outsideBySweeping(values: readonly number[], [depth, height, width]: readonly number[]) {
  const at = (z: number, y: number, x: number) => (z * height + y) * width + x;
  const outside = new Set<number>();
  const isOut = (z: number, y: number, x: number) =>
    z < 0 || y < 0 || x < 0 || z >= depth || y >= height || x >= width ||
    outside.has(at(z, y, x));
  for (let before = -1; before !== outside.size;) {
    before = outside.size;
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (values[at(z, y, x)] !== 0) continue;
          const reached = isOut(z - 1, y, x) || isOut(z + 1, y, x) || isOut(z, y - 1, x) ||
            isOut(z, y + 1, x) || isOut(z, y, x - 1) || isOut(z, y, x + 1);
          if (reached) outside.add(at(z, y, x));
        }
      }
    }
  }
  return outside;
}

Deno.test("cropToNonzero() marks what a sweep from the border marks", () => {
  const edge = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(fc.tuple(edge, edge, edge), fc.infiniteStream(fc.nat(3)), (shape, stream) => {
      const size = shape[0] * shape[1] * shape[2];
      // Mostly foreground, so that holes occur; corners set, so that nothing is cropped.
      const values = [...stream.take(size)].map((value) => (value === 0 ? 0 : 1));
      values[0] = values[size - 1] = 1;
      const { segmentation } = cropToNonzero({
        shape: [1, ...shape],
        data: Float32Array.from(values),
      });
      const outside = outsideBySweeping(values, shape);
      const expected = values.map((_, i) => (outside.has(i) ? -1 : 0));
      assert.deepEqual([...segmentation.data], expected);
    }),
    { seed: 1, numRuns: 200 },
  );
});
