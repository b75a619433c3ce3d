import assert from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import { decodeModel, encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { importedNetwork } from "../../lib/graph/imported_network.ts";
import { ModelProtoSchema } from "../../lib/graph/onnx_pb.ts";
import * as o from "../../lib/graph/operators.ts";
import { runGraph } from "./run_graph.ts";

Deno.test("importedNetwork() rebuilds an encoded network", async () => {
  const written = new Graph();
  const x = written.input("x", "float32", [2, 3]);
  const weight = written.constant("float32", [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6), "weight");
  const product = o.leakyRelu(o.matmul(x, weight), 0.5);
  const [first] = o.split(o.cast(o.transpose(product, [1, 0]), "int32"), [1, 1], 0);
  written.output("y", o.cast(first, "float32"));

  const { shape, build } = importedNetwork(encodeModel(written));
  assert.deepEqual(shape, [2, 3]);
  const graph = new Graph("again");
  graph.output("z", build(o.neg(graph.input("in", "float32", shape))));
  const data = Float32Array.of(1, 0, 0, -1, -1, 0);
  const { z } = await runGraph(graph, { in: { type: "float32", shape, data } });
  assert.deepEqual({ shape: z.shape, data: [...z.data] }, { shape: [1, 2], data: [0, 4] });
});

Deno.test("importedNetwork() rejects a model with several inputs", () => {
  const graph = new Graph();
  const sum = o.add(graph.input("a", "float32", []), graph.input("b", "float32", []));
  graph.output("y", sum);
  assert.throws(() => importedNetwork(encodeModel(graph)), {
    name: "TypeError",
    message: "Cannot read the model: it has 2 inputs, expected 1",
  });
});

Deno.test("importedNetwork() names an unknown operator", () => {
  const graph = new Graph();
  graph.output("y", o.sqrt(graph.input("x", "float32", [2])));
  const model = decodeModel(encodeModel(graph));
  model.graph!.node[0].opType = "Gelu";
  const { shape, build } = importedNetwork(toBinary(ModelProtoSchema, model));
  assert.throws(() => build(new Graph().input("x", "float32", shape)), {
    name: "TypeError",
    message: 'Cannot read the model: found operator "Gelu", expected one that this library writes',
  });
});

Deno.test("importedNetwork() builds for any batch size if the model's is free", () => {
  const graph = new Graph();
  graph.output("y", o.neg(graph.input("x", "float32", [1, 3])));
  const { shape, isBatchFree, build } = importedNetwork(
    encodeModel(graph, {}, { batchName: "n" }),
  );
  assert.deepEqual({ shape, isBatchFree }, { shape: [1, 3], isBatchFree: true });
  assert.deepEqual(build(new Graph().input("x", "float32", [4, 3])).shape, [4, 3]);
  assert.equal(importedNetwork(encodeModel(graph)).isBatchFree, false);
});
