import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { DeviceWindow } from "../../../lib/window/device/device_window.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { slidingWindow } from "../../../lib/window/cpu/predict_cells.ts";
import { inferenceNames } from "../../../lib/model/inference_graph.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { tinyInferenceModel } from "../../inference/tiny_inference_model.ts";

const heads = 3;

function volumeOf(size: readonly number[]) {
  const generator = createGenerator(5);
  const shape = [2, ...size];
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => generator.normal()) };
}

for (
  const [name, tileSize, size, mirrorAxes] of [
    ["3-D tiles over a larger volume", [4, 8, 8], [6, 13, 9], [0, 1, 2]],
    ["a volume smaller than the tile", [4, 8, 8], [3, 9, 5], [2]],
    ["slice by slice", [8, 8], [3, 11, 8], [0, 1]],
  ] as const
) {
  Deno.test(`DeviceWindow.run() gives what slidingWindow() gives: ${name}`, async () => {
    const models = [0, 1].map((seed) => tinyInferenceModel({ tileSize, heads, channels: 2, seed }));
    const volume = volumeOf(size);
    const options = { tileSize, heads, mirrorAxes };
    const expected = new Float32Array(heads * sizeOf(size));
    for (const model of models) {
      const session = await Session.create(model, { threads: 1 });
      const logits = await slidingWindow(volume, async ({ shape, data }) => {
        const image = { type: "float32", shape: [1, ...shape], data } as const;
        const results = await session.run({ [inferenceNames.image]: image });
        return results[inferenceNames.logits].data as Float32Array;
      }, options);
      logits.data.forEach((value, i) => expected[i] += value / models.length);
      await session.release();
    }

    // One patch at a time; some views of a tile; several tiles, the last of which fill no pass.
    for (const patchesPerPass of [1, 2, 32]) {
      const progress: number[][] = [];
      const window = await DeviceWindow.open(models, {
        ...options,
        device: "cpu",
        threads: 1,
        patchesPerPass,
      });
      const found = await window.run(volume, { onProgress: (...at) => progress.push(at) });
      await window.close();
      assert.deepEqual(found.shape, [heads, ...size]);
      const worst = expected.reduce((top, v, i) => Math.max(top, Math.abs(v - found.data[i])), 0);
      assert.ok(worst < 1e-4, `found a difference of ${worst}, expected 1e-4`);
      assert.equal(progress.at(-1)![0], progress.at(-1)![1]);
    }
  });
}
