import assert from "node:assert/strict";
import type { GradientRule } from "../../lib/autodiff/rules.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { OperatorName } from "../../lib/graph/operator_name.ts";
import * as o from "../../lib/graph/operators.ts";
import { lower, type LoweringTable } from "../../lib/lowering/lower.ts";

Deno.test("lower() rewrites the operators of a table and keeps the others", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  graph.output("y", o.neg(o.exp(x)));
  const lowered = lower(graph, { Neg: ([x]) => [o.sub(0, x)] });
  assert.deepEqual(lowered.nodes.map(({ operator }) => operator), ["Exp", "Sub"]);
  assert.deepEqual(lowered.nodes.map(({ origin }) => origin), ["0", "1"]);
  assert.deepEqual([...lowered.outputs.keys()], ["y"]);
});

Deno.test("tables with rows for unknown operators fail to compile", () => {
  const lowering: LoweringTable = {
    Neg: ([x]) => [o.sub(0, x)],
    // @ts-expect-error: no such operator.
    Negg: ([x]) => [o.sub(0, x)],
  };
  const rules: Partial<Record<OperatorName, GradientRule>> = {
    Neg: ([dy]) => [o.neg(dy)],
    // @ts-expect-error: no such operator.
    Negg: ([dy]) => [o.neg(dy)],
  };
  // @ts-expect-error: no such operator.
  const halved = new Set<OperatorName>(["Negg"]);
  assert.ok(lowering && rules && halved);
});
