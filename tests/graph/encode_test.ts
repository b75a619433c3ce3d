import assert from "node:assert/strict";
import { join } from "@std/path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { decodeModel, encodeModel, fillModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import {
  add,
  concat,
  exp,
  leakyRelu,
  matmul,
  mul,
  neg,
  reshape,
  scalar,
  softmax,
} from "../../lib/graph/operators.ts";
import { runGraph, tensor } from "./run_graph.ts";

Deno.test("encodeModel() and decodeModel() round-trip", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3]);
  const weight = graph.constant("float32", [3], Float32Array.of(1, 2, 3), "weight");
  graph.output("y", softmax(leakyRelu(add(x, weight), 0.25), 1));
  const model = decodeModel(encodeModel(graph, { fold: "0" }));

  assert.equal(model.producerName, "nnunet-ts");
  assert.deepEqual(model.opsetImport.map(({ domain, version }) => [domain, version]), [
    ["", 21n],
    ["com.microsoft", 1n],
  ]);
  assert.deepEqual(model.metadataProps.map(({ key, value }) => [key, value]), [["fold", "0"]]);
  const { node, input, output, initializer } = model.graph!;
  assert.deepEqual(node.map(({ opType }) => opType), ["Add", "LeakyRelu", "Softmax"]);
  assert.deepEqual(input.map(({ name }) => name), ["x"]);
  assert.deepEqual(output.map(({ name }) => name), ["y"]);
  assert.deepEqual(initializer.map(({ name, dims }) => [name, dims]), [["weight", [3n]]]);
  assert.deepEqual(
    new Float32Array(new Uint8Array(initializer[0].rawData).buffer),
    weight.constant,
  );
  assert.equal(node[1].attribute[0].f, 0.25);
  assert.equal(node[2].attribute[0].i, 1n);
  assert.deepEqual(node[1].input, node[0].output);
});

Deno.test("encodeModel() names an operator's attribute that is a fraction but no float", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  graph.output("y", graph.add("LeakyRelu", [x], { slope: 0.5 })[0]);
  assert.throws(() => encodeModel(graph), {
    name: "RangeError",
    message: "Cannot encode LeakyRelu: attribute slope is 0.5, expected an integer, or slope in " +
      "floatAttributes",
  });
});

/** Names of a model's nodes in the order in which ONNX Runtime ran them. */
async function orderOf(model: Uint8Array, feeds: Record<string, Tensor>): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    const session = await InferenceSession.create(model, {
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file] = Array.from(Deno.readDirSync(folder));
    const events: { readonly name: string; readonly ts: number }[] = JSON.parse(
      await Deno.readTextFile(join(folder, file.name)),
    );
    return events.filter(({ name }) => name.endsWith("_kernel_time"))
      .sort((a, b) => a.ts - b.ts)
      .map(({ name }) => name.split("/")[0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("encodeModel({ toRunInOrder }) makes nodes run in the graph's order", async () => {
  const graph = new Graph();
  const named = (name: string, build: () => Value) => {
    graph.origin = name;
    return build();
  };
  const x = graph.input("x", "float32", [4]);
  const a = named("a", () => exp(x));
  const ofA = named("of a", () => reshape(mul(a, 2), [2, 2]));
  const b = named("b", () => neg(a));
  const c = named("c", () => exp(b));
  const ofC = named("of c", () => reshape(mul(c, 2), [2, 2]));
  graph.output("y", named("both", () => concat([ofA, ofC], 0)));

  const feeds = { x: new Tensor("float32", Float32Array.of(0, 1, 2, 3), [4]) };
  const plain = encodeModel(graph), ordered = encodeModel(graph, {}, { toRunInOrder: true });
  // Nodes that depend only on `a` do not wait for `c`.
  assert.deepEqual((await orderOf(ordered, feeds)).slice(0, 2), ["a", "of a"]);
  assert.deepEqual((await orderOf(plain, feeds)).slice(0, 3), ["a", "b", "c"]);
  const run = async (model: Uint8Array) =>
    (await (await InferenceSession.create(model, { logSeverityLevel: 3 })).run(feeds)).y;
  assert.deepEqual((await run(ordered)).data, (await run(plain)).data);
});

Deno.test("fillModel() returns the same bytes as encoding a model with its weights", () => {
  const weights = new Map([
    ["w", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ["unused", { shape: [1], data: Float32Array.of(5) }],
  ]);
  const modelOf = (weight: (graph: Graph) => Value) => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 2]);
    graph.output("y", mul(matmul(x, weight(graph)), 3));
    return encodeModel(graph, { fold: "0" });
  };
  const whole = modelOf((graph) => graph.constant("float32", [2, 2], weights.get("w")!.data, "w"));
  const frame = modelOf((graph) => graph.placeholder("float32", [2, 2], "w"));
  assert.ok(frame.length < whole.length);
  assert.deepEqual(fillModel(frame, weights), whole);
  assert.throws(() => fillModel(frame, new Map()), {
    name: "TypeError",
    message: "Cannot build the network: w is missing, expected [2,2]",
  });
});

Deno.test("encodeModel() omits nodes that no output depends on", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  add(x, scalar(graph, 7));
  graph.output("y", neg(x));
  const { node, initializer } = decodeModel(encodeModel(graph)).graph!;
  assert.deepEqual(node.map(({ opType }) => opType), ["Neg"]);
  assert.deepEqual(initializer, []);
});

Deno.test("encodeModel() accepts inputs, constants and repeated values as outputs", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  const y = neg(x);
  graph.output("input", x);
  graph.output("constant", scalar(graph, 4));
  graph.output("once", y);
  graph.output("twice", y);
  graph.output("further", neg(y));
  const found = await runGraph(graph, { x: tensor({ shape: [1], data: [3] }) });
  const values = Object.entries(found).map(([name, { data }]) => [name, Number(data[0])]);
  assert.deepEqual(Object.fromEntries(values), {
    input: 3,
    constant: 4,
    once: -3,
    twice: -3,
    further: 3,
  });
});

Deno.test("encodeModel() rejects a derivative that has not been lowered", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  graph.output("y", graph.add("nnunet:LeakyReluGradient", [x, x], { alpha: 0.01 })[0]);
  assert.throws(() => encodeModel(graph), {
    name: "TypeError",
    message: "Cannot encode LeakyReluGradient: lower the graph to ONNX operators first",
  });
});
