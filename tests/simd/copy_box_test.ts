import assert from "node:assert/strict";
import fc from "fast-check";
import { copyBox, copyReversed } from "../../lib/simd/copy_box.ts";
import { scratchLike } from "../../lib/simd/scratch.ts";

const extent = fc.integer({ min: 1, max: 11 });
const sign = fc.constantFrom(1, -1);

for (const like of [new Float32Array(0), new Int16Array(0), new Uint8Array(0)]) {
  for (const isReversed of like.BYTES_PER_ELEMENT === 1 ? [false] : [false, true]) {
    const name = isReversed ? "copyReversed" : "copyBox";
    Deno.test(`${name}() copies every ${like.constructor.name} element to its place`, () => {
      fc.assert(fc.property(
        extent,
        extent,
        extent,
        sign,
        sign,
        fc.integer({ min: 0, max: 3 }),
        (depth, height, width, up, down, gap) => {
          const rowStep = width + gap, planeStep = height * rowStep + gap;
          const [source, target] = scratchLike(like, depth * planeStep, depth * planeStep);
          source.forEach((_, i) => source[i] = i % 251);
          const place = {
            array: source,
            from: (up < 0 ? (depth - 1) * planeStep : 0) + (down < 0 ? (height - 1) * rowStep : 0),
            planeStep: up * planeStep,
            rowStep: down * rowStep,
          };
          const copy = isReversed ? copyReversed : copyBox;
          copy(place, { array: target, from: 0, planeStep, rowStep }, [depth, height, width]);
          for (let z = 0; z < depth; z++) {
            for (let y = 0; y < height; y++) {
              for (let x = 0; x < width; x++) {
                const from = place.from + z * place.planeStep + y * place.rowStep +
                  (isReversed ? width - 1 - x : x);
                assert.equal(target[z * planeStep + y * rowStep + x], source[from]);
              }
            }
          }
        },
      ));
    });
  }
}
