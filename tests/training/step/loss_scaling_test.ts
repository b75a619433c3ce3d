import assert from "node:assert/strict";
import { less } from "../../../lib/graph/operators.ts";
import {
  initialScaling,
  isFiniteNorm,
  scaleAfter,
  scaleOf,
} from "../../../lib/training/step/loss_scaling.ts";
import { evaluate } from "../../graph/run_graph.ts";

async function after(state: number[], norm: number): Promise<number[]> {
  const [next] = await evaluate(
    [{ shape: [2], data: state }, { shape: [], data: [norm] }],
    (scaling, norm) => [scaleAfter(scaling, isFiniteNorm(norm), { growthInterval: 3 })],
  );
  return Array.from(next.data, Number);
}

Deno.test("scaleAfter() counts finite steps and doubles the scale after enough of them", async () => {
  assert.deepEqual(await after([8, 0], 1), [8, 1]);
  assert.deepEqual(await after([8, 1], 1), [8, 2]);
  assert.deepEqual(await after([8, 2], 1), [16, 0]);
});

Deno.test("scaleAfter() halves the scale and resets the count if a gradient is not finite", async () => {
  assert.deepEqual(await after([8, 2], Infinity), [4, 0]);
  assert.deepEqual(await after([8, 2], NaN), [4, 0]);
});

Deno.test("isFiniteNorm() compares with the largest finite norm", async () => {
  const [finite, infinite] = await evaluate(
    [{ shape: [], data: [1] }, { shape: [], data: [Infinity] }],
    (a, b) => [isFiniteNorm(a), less(b, 3e38)],
  );
  assert.deepEqual([...finite.data, ...infinite.data].map(Number), [1, 0]);
});

Deno.test("the loss scale starts and grows as PyTorch's GradScaler does by default", async () => {
  // GradScaler().state_dict(): scale 65536, growth factor 2, growth interval 2000.
  assert.deepEqual([...initialScaling()], [65536, 0]);
  const states = await evaluate(
    [{ shape: [2], data: [65536, 1998] }, { shape: [2], data: [65536, 1999] }],
    (...states) => states.map((state) => scaleAfter(state, isFiniteNorm(scaleOf(state)))),
  );
  assert.deepEqual(states.map(({ data }) => Array.from(data, Number)), [
    [65536, 1999],
    [131072, 0],
  ]);
});
