import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add, identity } from "../../lib/graph/operators.ts";
import type { OnnxRuntime, RuntimeData, RuntimeTensor } from "../../lib/platform/onnx_runtime.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";

function tensor(...values: number[]): HostTensor<Float32Array<ArrayBuffer>> {
  return { type: "float32", shape: [values.length], data: Float32Array.from(values) };
}

function runtimeTensor(
  type: string,
  data: RuntimeData,
  dims: readonly number[],
  location = "cpu",
): RuntimeTensor {
  return { type, data, dims, location, dispose() {} };
}

/** A runtime that doubles x and always returns a new tensor. */
function doublingRuntime(location = "cpu"): OnnxRuntime {
  return {
    fillsOutputs: false,
    isWebAssembly: true,
    createTensor: (type, data, dims) => runtimeTensor(type, data, dims),
    createSession: () =>
      Promise.resolve({
        outputNames: ["y"],
        run({ x }) {
          const doubled = (x.data as Float32Array<ArrayBuffer>).map((value) => 2 * value);
          return Promise.resolve({ y: runtimeTensor("float32", doubled, x.dims, location) });
        },
        release: () => Promise.resolve(),
      }),
  };
}

const noModel = new Uint8Array(0);

Deno.test("Session.run() fills given tensors if the runtime does not", async () => {
  const session = await Session.create(noModel, {}, doublingRuntime());
  const given = tensor(0, 0, 0);
  const { y } = await session.run({ x: tensor(1, 2, 3) }, { y: given });
  assert.equal(y, given);
  assert.deepEqual(given.data, Float32Array.of(2, 4, 6));

  const alone = await session.run({ x: tensor(1, 2, 3) });
  assert.deepEqual(alone.y.data, Float32Array.of(2, 4, 6));
});

Deno.test("Session.run() rejects given tensors of another size or type", async () => {
  const session = await Session.create(noModel, {}, doublingRuntime());
  await assert.rejects(session.run({ x: tensor(1, 2, 3) }, { y: tensor(0, 0) }), {
    name: "TypeError",
    message: /Cannot write output "y" of type float32 and shape \[3\] into float32 of shape \[2\]/,
  });
  const integers: HostTensor = { type: "int32", shape: [3], data: new Int32Array(3) };
  await assert.rejects(session.run({ x: tensor(1, 2, 3) }, { y: integers }), TypeError);
});

Deno.test("Session.run() rejects given tensors for outputs on the device", async () => {
  const session = await Session.create(noModel, {}, doublingRuntime("gpu-buffer"));
  await assert.rejects(session.run({ x: tensor(1) }, { y: tensor(0) }), /it stays on cpu/);
  await assert.rejects(session.run({ x: tensor(1) }), /it stays on cpu/);
});

Deno.test("Session.run() fills a part of a larger buffer with onnxruntime-node", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [3]);
  graph.output("y", add(x, identity(x)));
  const session = await Session.create(encodeModel(graph));
  const whole = new Float32Array(5).fill(-1);
  const given = { type: "float32", shape: [3], data: whole.subarray(1, 4) } as const;
  await session.run({ x: tensor(1, 2, 3) }, { y: given });
  assert.deepEqual(whole, Float32Array.of(-1, 2, 4, 6, -1));
  await session.release();
});
