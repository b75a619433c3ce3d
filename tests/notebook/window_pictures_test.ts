import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { imageFrom } from "nnunet";
import { gaussianWeights, tileOrigins, tileStarts } from "nnunet/parts";
import { PNG } from "pngjs";
import { heat, windowSlides, windowWeights } from "../../lib/notebook/mod.ts";

const image = imageFrom(new Float32Array(4 * 8 * 16), { shape: [4, 8, 16], spacing: [1, 1, 1] });
const tile = [2, 8, 8];
const origins = tileOrigins(tileStarts(image.geometry.shape, tile, 0.5));

Deno.test("windowSlides() follows the windows through the middle slice", async () => {
  // Three positions along each of z and x; slice 2 is in the second and third along z.
  const output = await windowSlides(image, { tile, origins });
  assert.equal(origins.length, 9);
  assert.equal(output.text, "window: 1 of 6, 2 of 6, 3 of 6, 4 of 6, 5 of 6, 6 of 6");
  const few = await windowSlides(image, { tile, origins }, { steps: 3 });
  assert.equal(few.text, "window: 1 of 6, 3 of 6, 5 of 6");
});

Deno.test("windowSlides() says so if no window crosses the slice", async () => {
  await assert.rejects(windowSlides(image, { tile, origins: [[0, 0, 0]] }), {
    name: "RangeError",
    message: "Cannot draw windows: none of 1 crosses slice 2, expected at least one",
  });
});

Deno.test("windowWeights() is brightest in the middle of a window, and dark outside", async () => {
  const { png } = await windowWeights(image, { tile, origins: [[1, 0, 0]] }, gaussianWeights(tile));
  const { data, width } = PNG.sync.read(Buffer.from(png!));
  // The first panel is 320 × 160 pixels, 10 from the left and 32 from the top. The window's middle is
  // voxel 4 of 8, counted from below, so its row is the fourth from the top.
  const at = (column: number) => {
    const pixel = (32 + 3.5 * 20) * width + 10 + (column + 0.5) * 20;
    return [...data.subarray(4 * pixel, 4 * pixel + 3)];
  };
  const lightness = (column: number) => at(column).reduce((sum, value) => sum + value, 0);
  assert.ok(lightness(4) > 600, `${at(4)}`);
  assert.ok(lightness(2) < lightness(3) && lightness(3) < lightness(4));
  assert.deepEqual(at(12), heat(0));
});
