import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add, matmul, mul } from "../../lib/graph/operators.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { freeTensor, Session } from "../../lib/runtime/session.ts";
import { tensor } from "../graph/run_graph.ts";

async function withEngine(run: (engine: Engine) => Promise<void>) {
  const engine = await Engine.start();
  try {
    await run(engine);
  } finally {
    engine.close();
  }
}

/** Encodes y = x · s, and a state that grows by x. */
function counterModel() {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  const state = graph.input("state", "float32", [2]);
  graph.output("scaled", mul(x, 10));
  graph.output("new_state", add(state, x));
  return encodeModel(graph);
}

const pair = (a: number, b: number) => tensor({ shape: [2], data: [a, b] });
const kept = { keptInputs: ["state"], keptOutputs: { new_state: "state" } };

Deno.test("Engine keeps tensors between runs", () =>
  withEngine(async (engine) => {
    const model = await engine.load(counterModel(), { threads: 1 });
    await engine.keep("state", pair(0.5, 0));
    for (let i = 1; i <= 5; i++) {
      const { outputs } = await model.run({ x: pair(1, 2) }, kept);
      assert.deepEqual(Object.keys(outputs), ["scaled"]);
      assert.deepEqual(outputs.scaled, {
        type: "float32",
        shape: [2],
        data: Float32Array.of(10, 20),
      });
      assert.deepEqual((await engine.read("state")).data, Float32Array.of(0.5 + i, 2 * i));
    }
    await model.release();
  }));

Deno.test("Engine.keep() transfers its tensor, Engine.read() copies it", () =>
  withEngine(async (engine) => {
    const given = pair(1, 2);
    await engine.keep("state", given);
    assert.equal(given.data.length, 0);
    const first = await engine.read("state");
    first.data.fill(9 as never);
    assert.deepEqual((await engine.read("state")).data, Float32Array.of(1, 2));
    await assert.rejects(engine.read("other"), {
      name: "RangeError",
      message: 'Cannot find kept tensor "other"',
    });
  }));

Deno.test("LoadedModel.run() transfers buffers to the worker and back", () =>
  withEngine(async (engine) => {
    const model = await engine.load(counterModel(), { threads: 1 });
    const x = pair(3, 4);
    const { feeds, outputs } = await model.run({ x, state: pair(0, 1) });
    assert.equal(x.data.length, 0);
    assert.deepEqual(feeds.x.data, Float32Array.of(3, 4));
    assert.deepEqual(outputs.new_state.data, Float32Array.of(3, 5));
  }));

Deno.test("Engine runs several models on the same kept tensors", () =>
  withEngine(async (engine) => {
    const graph = new Graph();
    graph.output("twice", mul(graph.input("state", "float32", [2]), 2));
    const counter = await engine.load(counterModel(), { threads: 1 });
    const reader = await engine.load(encodeModel(graph), { threads: 1 });
    await engine.keep("state", pair(1, 1));
    for (const expected of [2, 3]) {
      await counter.run({ x: pair(1, 1) }, kept);
      const { outputs } = await reader.run({}, { keptInputs: ["state"] });
      assert.equal(outputs.twice.data[0], 2 * expected);
    }
  }));

Deno.test("Engine does not block the calling thread during a run", () =>
  withEngine(async (engine) => {
    const size = 1024;
    const graph = new Graph();
    let y = graph.input("x", "float32", [size, size]);
    for (let i = 0; i < 6; i++) y = mul(matmul(y, y), 1e-3);
    graph.output("y", y);
    const model = await engine.load(encodeModel(graph), { threads: 1 });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const x = tensor({ shape: [size, size], data: new Float32Array(size * size).fill(1e-3) });
    await model.run({ x });
    clearInterval(timer);
    // 13 GFLOP take far longer than this many ticks; a blocked thread would see none.
    assert.ok(ticks >= 3, `${ticks} ticks`);
  }));

Deno.test("Engine.load() reports ONNX Runtime's message for a broken model", () =>
  withEngine(async (engine) => {
    await assert.rejects(engine.load(Uint8Array.of(1, 2, 3)), /protobuf|model/i);
  }));

Deno.test("LoadedModel.run() rejects wrong feeds and works afterwards", () =>
  withEngine(async (engine) => {
    const model = await engine.load(counterModel(), { threads: 1 });
    await assert.rejects(model.run({ x: pair(1, 2) }), /state/);
    const wrong = tensor({ shape: [3], data: [1, 2, 3] });
    await assert.rejects(model.run({ x: wrong, state: pair(0, 0) }), /x/);
    const { outputs } = await model.run({ x: pair(1, 2), state: pair(0, 0) });
    assert.deepEqual(outputs.scaled.data, Float32Array.of(10, 20));
  }));

Deno.test("Engine.close() rejects a pending run", async () => {
  const engine = await Engine.start();
  const model = await engine.load(counterModel(), { threads: 1 });
  const run = model.run({ x: pair(1, 2), state: pair(0, 0) });
  engine.close();
  await assert.rejects(run, { message: "Worker was closed" });
});

Deno.test("Session.run() writes into a given tensor, freeTensor() empties one", async () => {
  const graph = new Graph();
  graph.output("y", add(graph.input("x", "float32", [2]), 1));
  const session = await Session.create(encodeModel(graph), { threads: 1 });
  const y = pair(0, 0);
  for (const x of [1, 2]) {
    const results = await session.run({ x: pair(x, x) }, { y });
    assert.equal(results.y, y);
    assert.deepEqual(y.data, Float32Array.of(x + 1, x + 1));
  }
  freeTensor(y);
  assert.equal(y.data.byteLength, 0);
  await session.release();
});
