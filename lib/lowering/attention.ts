/**
 * Computes attention with matrix products, a few heads at a time.
 *
 * The weights of all pairs of queries and keys are by far the largest values of a transformer: with
 * 4096 tokens, 64 MiB for each head of each sample. They are not kept for the gradient, which
 * computes them again, and only those of some heads are in memory at any time.
 *
 * @see Dao et al. 2022, FlashAttention, which also recomputes them
 */

import { sizeOf } from "../array/nd_array.ts";
import type { Graph, Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import { lower, type LoweringTable } from "./lower.ts";

/** Default number of weights that may be in memory at a time; a single head may have more. */
const LARGEST = 2 ** 25;

const HEADS = 1;

/**
 * Returns the lowerings of attention, whose inputs are scaled queries, keys and values,
 * (n, heads, tokens, d), and of its gradient.
 *
 * @param largest Number of weights that may be in memory at a time.
 */
export function attentionByHeads(largest = LARGEST): LoweringTable {
  return {
    "nnunet:Attention": (inputs) => [
      o.concat(
        headGroups(inputs, largest).map(([q, k, v]) => o.matmul(weights(q, k), v)),
        HEADS,
      ),
    ],
    "nnunet:AttentionGradient": (inputs) => {
      const groups = headGroups(inputs, largest).map(attentionGradients);
      return [0, 1, 2].map((i) => o.concat(groups.map((group) => group[i]), HEADS));
    },
  };
}

/** The lowerings of attention that all devices share. */
export const attentionLowerings: LoweringTable = attentionByHeads();

/**
 * Returns the gradients of queries, keys and values.
 *
 * With weights p = softmax(s) and s = q · kᵀ: dv = pᵀ · dy, dp = dy · vᵀ,
 * ds = p · (dp − Σ dp · p), dq = ds · k, dk = dsᵀ · q.
 */
function attentionGradients([q, k, v, dy]: readonly Value[]): Value[] {
  const p = weights(q, k);
  const dv = o.matmul(swapped(p), dy);
  const dp = o.matmul(dy, swapped(v));
  // Σ dp · p over the keys is Σ dy · y over the channels of the output, which is smaller.
  const along = o.reduceSum(o.mul(dy, o.matmul(p, v)), [3], true);
  const ds = o.mul(p, o.sub(dp, along));
  return [o.matmul(ds, k), o.matmul(swapped(ds), q), dv];
}

/** Returns the weights that queries give to keys, (n, heads, queries, keys). */
function weights(q: Value, k: Value): Value {
  return o.softmax(o.matmul(q, swapped(k)), 3);
}

function swapped(x: Value): Value {
  return o.transpose(x, [0, 1, 3, 2]);
}

/** Splits queries, keys and further values into groups of heads with few enough weights. */
function headGroups(values: readonly Value[], largest: number): Value[][] {
  const [q, k] = values;
  const [batch, heads, queries] = q.shape;
  const most = Math.max(1, Math.floor(largest / sizeOf([batch, queries, k.shape[2]])));
  const groups = Array.from(
    { length: Math.ceil(heads / most) },
    (_, i) => Math.min(most, heads - i * most),
  );
  const parts = values.map((value) => o.split(value, groups, HEADS));
  return groups.map((_, i) => parts.map((part) => part[i]));
}

/** Returns a graph with ONNX's own operators instead of attention, for models that are files. */
export function withoutAttention(graph: Graph): Graph {
  const has = graph.nodes.some(({ operator }) => Object.hasOwn(attentionLowerings, operator));
  return has ? lower(graph, attentionLowerings) : graph;
}
