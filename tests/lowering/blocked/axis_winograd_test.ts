import assert from "node:assert/strict";
import { axisWinograd, UNIT_PRODUCT } from "../../../lib/lowering/blocked/axis_winograd.ts";
import { lcg } from "../../golden/lcg.ts";

/** Computes the outputs of a convolution with three taps along an axis by Winograd in float64. */
function convolve(image: number[], kernel: number[], places: number, before: number): number[] {
  const winograd = axisWinograd(places)!;
  return Array.from({ length: places }, (_, place) => {
    let sum = 0;
    for (let tile = 0; tile < winograd.tiles; tile++) {
      for (let product = 0; product < winograd.products; product++) {
        const ofImage = image.reduce(
          (total, value, z) => total + winograd.imageShare(tile, product, z, before) * value,
          0,
        );
        const ofKernel = kernel.reduce(
          (total, value, tap) => total + winograd.tapShare(product, tap) * value,
          0,
        );
        sum += winograd.placeShare(place, tile, product) * ofImage * ofKernel;
      }
    }
    return sum;
  });
}

Deno.test("axisWinograd() convolves with any extent and padding", () => {
  const random = lcg(1);
  for (const places of [2, 3, 4, 5, 6, 7, 10, 20, 40, 64]) {
    for (const before of [0, 1, 2]) {
      const image = Array.from({ length: places + 2 - 2 * before }, random);
      if (image.length < 1) continue;
      const kernel = Array.from({ length: 3 }, random);
      const expected = Array.from(
        { length: places },
        (_, place) =>
          kernel.reduce((sum, w, tap) => sum + w * (image[place + tap - before] ?? 0), 0),
      );
      convolve(image, kernel, places, before).forEach((value, i) =>
        assert.ok(Math.abs(value - expected[i]) < 1e-12)
      );
    }
  }
});

Deno.test("axisWinograd() chooses the tiles with the fewest products", () => {
  const found = [2, 3, 4, 5, 6, 10, 20, 32, 40, 64].map((places) => {
    const { tiles, products } = axisWinograd(places)!;
    return tiles * products;
  });
  assert.deepEqual(found, [4, 5, 6, 7, 8, 14, 28, 48, 56, 88]);
});

Deno.test("axisWinograd() returns undefined for an axis with one output", () => {
  assert.equal(axisWinograd(1), undefined);
});

Deno.test("axisWinograd()'s unit product contributes to all outputs of its tile", () => {
  const winograd = axisWinograd(10)!;
  for (let z = 0; z < 5; z++) assert.equal(winograd.placeShare(z, 0, UNIT_PRODUCT), 1);
  assert.equal(winograd.placeShare(5, 0, UNIT_PRODUCT), 0);
});
