import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import { add, integers, neg, scalar } from "../../lib/graph/operators.ts";

Deno.test("Graph shares equal small constants, but not named ones", () => {
  const graph = new Graph();
  assert.equal(scalar(graph, 2), scalar(graph, 2));
  assert.notEqual(scalar(graph, 2), scalar(graph, 3));
  assert.notEqual(scalar(graph, 2), integers(graph, [2]));
  assert.notEqual(
    graph.constant("float32", [1], Float32Array.of(2)),
    graph.constant("float32", [], Float32Array.of(2)),
  );
  const named = graph.constant("float32", [], Float32Array.of(2), "weight");
  assert.equal(named.name, "weight");
  assert.notEqual(named, scalar(graph, 2));
});

Deno.test("Graph.constant() requires as many values as the shape has elements", () => {
  assert.throws(() => new Graph().constant("float32", [2, 3], new Float32Array(5)), {
    name: "RangeError",
    message: "Cannot make constant of shape [2,3]: found 5 values, expected 6",
  });
});

Deno.test("Graph rejects two inputs, or two outputs, of the same name", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  assert.throws(() => graph.input("x", "float32", [2]), {
    name: "RangeError",
    message: 'Cannot declare input "x": the graph has one of that name',
  });
  graph.output("y", x);
  assert.throws(() => graph.output("y", x), {
    name: "RangeError",
    message: 'Cannot declare output "y": the graph has one of that name',
  });
});

Deno.test("Graph.add() rejects values of another graph", () => {
  const x = new Graph().input("x", "float32", [1]);
  const y = new Graph().input("y", "float32", [1]);
  assert.throws(() => add(x, y), {
    name: "TypeError",
    message: 'Cannot apply Add: input "y" belongs to another graph',
  });
});

Deno.test("Graph.producerOf() finds the node that computes a value", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  const y = neg(x);
  assert.equal(graph.producerOf(y), graph.nodes[0]);
  assert.equal(graph.producerOf(x), undefined);
  assert.equal(graph.producerOf(scalar(graph, 1)), undefined);
});
