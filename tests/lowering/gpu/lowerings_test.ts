import assert from "node:assert/strict";
import { encodeModel } from "../../../lib/graph/encode.ts";
import type { Graph } from "../../../lib/graph/graph.ts";
import * as o from "../../../lib/graph/operators.ts";
import { lowerFor } from "../../../lib/lowering/for_device.ts";
import { cudaLowerings } from "../../../lib/lowering/gpu/cuda.ts";
import { cudaRepairs } from "../../../lib/lowering/gpu/cuda_repairs.ts";
import { planeConv } from "../../../lib/lowering/gpu/plane_convolution.ts";
import { webgpuLowerings } from "../../../lib/lowering/gpu/webgpu.ts";
import { webgpuRepairs } from "../../../lib/lowering/gpu/webgpu_repairs.ts";
import { lower } from "../../../lib/lowering/lower.ts";
import { type HostTensor, Session } from "../../../lib/runtime/session.ts";
import { evaluate } from "../../graph/run_graph.ts";
import { derivativeCases, differentiate } from "../derivative_cases.ts";
import { weightGradients } from "./weight_gradients.ts";

/** Compares GPUs' lowerings with the CPU's by running both on the CPU. */
const ways: Record<string, (graph: Graph) => Graph> = {
  cuda: (graph) => lower(lower(graph, cudaLowerings), cudaRepairs),
  ...Object.fromEntries(
    Object.entries(weightGradients).map(([name, weightGradient]) => [
      `cuda, weight gradients by ${name}`,
      (graph: Graph) =>
        lower(graph, {
          ...cudaLowerings,
          "nnunet:ConvWeightGradient": weightGradient,
        }),
    ]),
  ),
  webgpu: (graph) => lower(lower(graph, webgpuLowerings), webgpuRepairs),
};

async function run(graph: Graph, feeds: Readonly<Record<string, HostTensor>>) {
  const session = await Session.create(encodeModel(graph), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

for (const [name, derivative] of Object.entries(derivativeCases)) {
  Deno.test(`GPU lowerings compute the same as the CPU's: ${name}`, async (test) => {
    const { graph, feeds } = differentiate(derivative);
    const expected = await run(lowerFor("cpu", graph), feeds);
    for (const [way, lowered] of Object.entries(ways)) {
      await test.step(way, async () => {
        const found = await run(lowered(graph), feeds);
        for (const [output, { shape, data }] of Object.entries(expected)) {
          assert.deepEqual(found[output].shape, shape);
          const values = Array.from(data, Number);
          const scale = values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-6);
          values.forEach((value, i) =>
            assert.ok(Math.abs(Number(found[output].data[i]) - value) <= 1e-5 * scale)
          );
        }
      });
    }
  });
}

Deno.test("planeConv() computes the same with separate taps", async () => {
  const data = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
  const inputs = [
    { shape: [1, 2, 4, 5, 6], data: data(240) },
    { shape: [3, 2, 3, 3, 3], data: data(162) },
    { shape: [3], data: data(3) },
  ];
  const options = { pads: [1, 1, 1, 1, 1, 1], strides: [2, 1, 1] };
  const [expected, whole, pieces] = await evaluate(inputs, (x, w, bias) => [
    o.conv(x, w, bias, options),
    planeConv(x, w, bias, options),
    planeConv(x, w, bias, options, 1),
  ]);
  for (const { shape, data } of [whole, pieces]) {
    assert.deepEqual(shape, expected.shape);
    data.forEach((value, i) =>
      assert.ok(Math.abs(Number(value) - Number(expected.data[i])) < 1e-4)
    );
  }
});
