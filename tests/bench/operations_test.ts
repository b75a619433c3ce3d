import assert from "node:assert/strict";
import { gradients } from "../../lib/autodiff/backward.ts";
import { Graph } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { countOperations, passOperations, stepOperations } from "./operations.ts";
import { networkOfBench } from "./plain_network.ts";
import { stepPartsOf } from "./step_networks.ts";

const padding = { pads: [1, 1, 1, 1] };

Deno.test("countOperations() counts a convolution, its two gradients, and products", () => {
  const graph = new Graph();
  const image = graph.input("image", "float32", [2, 3, 8, 8]);
  const first = graph.input("first", "float32", [4, 3, 3, 3]);
  const second = graph.input("second", "float32", [5, 4, 3, 3]);
  const y = o.conv(o.conv(image, first, null, padding), second, null, padding);
  graph.output("y", y);
  const [forwardFirst, forwardSecond] = [2 * 64 * 4 * 27, 2 * 64 * 5 * 36];
  assert.equal(countOperations(graph), 2 * (forwardFirst + forwardSecond));

  // The image has no gradient, so its part of the first convolution's is not needed.
  const [dFirst, dSecond] = gradients(o.reduceSum(y), [first, second]);
  graph.output("first's", dFirst);
  graph.output("second's", dSecond);
  assert.equal(countOperations(graph), 2 * (2 * forwardFirst + 3 * forwardSecond));

  const matrices = new Graph();
  const a = matrices.input("a", "float32", [7, 10, 20]);
  const b = matrices.input("b", "float32", [20, 30]);
  matrices.output("c", o.matmul(a, b));
  assert.equal(countOperations(matrices), 2 * 7 * 10 * 20 * 30);
});

Deno.test("countOperations() counts a transposed convolution by its input", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 6, 4, 4]);
  const filters = graph.input("filters", "float32", [6, 3, 2, 2]);
  graph.output("y", o.convTranspose(x, filters, null, { strides: [2, 2] }));
  assert.equal(countOperations(graph), 2 * 6 * 16 * 3 * 4);
});

Deno.test("stepOperations() counts about three passes over the batch", () => {
  const network = { patch: [16, 16], batch: 2, features: [4, 8] };
  const pass = passOperations(networkOfBench(network, true), [2, 1, 16, 16]);
  const step = stepOperations(stepPartsOf(network));
  // The image needs no gradient, and the loss has products of its own.
  assert.ok(step > 2.5 * pass && step < 3.1 * pass, `${step} for passes of ${pass}`);
});
