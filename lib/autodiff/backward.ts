/** Extends a graph by the gradients of one of its values (reverse-mode differentiation). */

import { sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { add } from "../graph/operators.ts";
import { gradientRules } from "./rules.ts";

/**
 * Adds the gradients of a scalar with respect to some values of its graph to the graph.
 *
 * @param loss A float32 value of one element.
 * @param variables Values to differentiate with respect to.
 * @returns One gradient per variable, of its shape; zeros if the loss does not depend on it.
 * @throws {TypeError} If an operator between them has no row in the gradient table.
 * @throws {RangeError} If the loss is not a scalar.
 */
export function gradients(loss: Value, variables: readonly Value[]): Value[] {
  const { graph } = loss;
  if (sizeOf(loss.shape) !== 1) {
    throw new RangeError(
      `Cannot differentiate: the loss has shape [${loss.shape}], expected one value`,
    );
  }
  // Only what depends on a variable is differentiated.
  const dependent = new Set<Value>(variables);
  const forward = graph.nodes.filter((node) => {
    const depends = node.inputs.some((input) => input && dependent.has(input));
    if (depends) node.outputs.forEach((output) => dependent.add(output));
    return depends;
  });

  const gradientOf = new Map<Value, Value>();
  gradientOf.set(
    loss,
    graph.constant("float32", loss.shape, new Float32Array(sizeOf(loss.shape)).fill(1)),
  );
  for (const { operator, inputs, outputs, attributes } of forward.reverse()) {
    if (!outputs.some((output) => gradientOf.has(output))) continue;
    const rule = gradientRules[operator];
    if (!rule) {
      throw new TypeError(`Cannot differentiate operator "${operator}": not in the gradient table`);
    }
    const dys = outputs.map((output) => gradientOf.get(output) ?? zerosLike(output));
    const dxs = rule(dys, inputs as readonly Value[], outputs, attributes);
    inputs.forEach((input, i) => {
      const dx = dxs[i];
      if (!input || !dx || !dependent.has(input)) return;
      const earlier = gradientOf.get(input);
      gradientOf.set(input, earlier ? add(earlier, dx) : dx);
    });
  }
  return variables.map((variable) => gradientOf.get(variable) ?? zerosLike(variable));
}

function zerosLike({ graph, shape }: Value): Value {
  return graph.constant("float32", shape, new Float32Array(sizeOf(shape)));
}
