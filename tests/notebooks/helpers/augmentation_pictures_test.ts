import assert from "node:assert/strict";
import { brightness, type Sample } from "../../../lib/parts.ts";
import {
  elasticSweep,
  panelOf,
  sampleGrid,
  sweep,
} from "../../../notebooks/helpers/augmentation_pictures.ts";

const sample: Sample = {
  image: { shape: [1, 8, 24, 24], data: Float32Array.from({ length: 8 * 576 }, (_, i) => i % 7) },
  segmentation: { shape: [8, 24, 24], data: new Int16Array(8 * 576) },
};

Deno.test("sweep() shows a transform at each position of its slider", async () => {
  const transform = brightness({ factor: [0.75, 1.25] });
  const output = await sweep(sample, "brightness", transform, [0.5, 1], (factor) => [factor]);
  assert.equal(output.text, "brightness: 0.5, 1");
  assert.equal(output.html!.match(/data:image\/png/g)!.length, 2);
});

Deno.test("sampleGrid() names its panels", async () => {
  const output = await sampleGrid("Patches", [panelOf(sample, "a"), panelOf(sample, "b")]);
  assert.equal(output.text, "Patches: a, b");
});

Deno.test("elasticSweep() deforms more with more strength, and not at all with none", async () => {
  const { text } = await elasticSweep(sample, [0, 450, 900], 4);
  const [none, half, full] = [...text.matchAll(/up to ([\d.]+) voxels/g)].map((m) => Number(m[1]));
  assert.equal(none, 0);
  assert.ok(full > 1 && Math.abs(full - 2 * half) < 0.11, text);
});
