import assert from "node:assert/strict";
import fc from "fast-check";
import { cropOrPad } from "../../lib/array/crop_or_pad.ts";

Deno.test("cropOrPad() copies voxels inside the volume and fills the rest", () => {
  const source = Int16Array.of(1, 2, 3, 4, 5, 6); // 2 × 3
  const target = new Int16Array(6).fill(99);
  cropOrPad(source, [1, 2, 3], { origin: [0, 1, -1], size: [1, 2, 3] }, -1, target);
  assert.deepEqual(Array.from(target), [-1, 4, 5, -1, -1, -1]);
});

Deno.test("cropOrPad() copies the correct voxels for any position of the box", () => {
  const shape = [3, 4, 5] as const;
  const origin = fc.tuple(...shape.map((extent) => fc.integer({ min: -7, max: extent + 2 })));
  const size = fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 7 })));
  // Crops from the second of two consecutive volumes.
  const source = Int16Array.from({ length: 120 }, (_, i) => i);
  fc.assert(fc.property(origin, size, (from, extents) => {
    const voxels = extents[0] * extents[1] * extents[2];
    const target = new Int16Array(voxels + 2).fill(-5);
    cropOrPad(
      source,
      shape,
      { origin: [from[0], from[1], from[2]], size: [extents[0], extents[1], extents[2]] },
      -1,
      target,
      { sourceOffset: 60, targetOffset: 1 },
    );
    assert.equal(target[0], -5);
    assert.equal(target[voxels + 1], -5);
    for (let i = 0; i < voxels; i++) {
      const at = [
        from[0] + Math.floor(i / extents[2] / extents[1]),
        from[1] + Math.floor(i / extents[2]) % extents[1],
        from[2] + i % extents[2],
      ];
      const inside = at.every((index, axis) => index >= 0 && index < shape[axis]);
      assert.equal(target[1 + i], inside ? 60 + (at[0] * 4 + at[1]) * 5 + at[2] : -1);
    }
  }));
});

for (const width of [7, 40, 120, 300]) {
  Deno.test(`cropOrPad() moves rows of ${width} within one array like into another`, () => {
    const shape = [3, 4, width + 5] as const;
    const source = Float32Array.from({ length: 12 * (width + 5) }, (_, i) => i);
    const box = { origin: [1, 1, 3], size: [2, 3, width] } as const;
    const apart = new Float32Array(6 * width);
    cropOrPad(source, shape, box, 0, apart);
    const within = source.subarray(0, 6 * width);
    cropOrPad(source, shape, box, 0, within);
    assert.deepEqual(within, apart);
  });
}
