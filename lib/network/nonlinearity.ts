/** Builds the nonlinearities that plans can name. */

import { LEAKY_RELU, type Nonlinearity } from "../files/plans.ts";
import type { Value } from "../graph/graph.ts";
import * as o from "../graph/operators.ts";
import type { ParameterOptions, ParameterSource } from "./network.ts";

/**
 * Requests a nonlinearity's parameters, if it has any, and returns the nonlinearity.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param nonlinearity Null for none.
 * @param options Of the parameters.
 */
export function nonlinearityOf(
  parameter: ParameterSource,
  name: string,
  nonlinearity: Nonlinearity | null = LEAKY_RELU,
  options?: ParameterOptions,
): (x: Value) => Value {
  switch (nonlinearity?.kind) {
    case undefined:
      return (x) => x;
    case "leakyRelu":
      return (x) => o.leakyRelu(x, nonlinearity.slope);
    case "silu":
      return (x) => o.mul(x, o.sigmoid(x));
    case "gelu":
      return gelu;
    case "elu":
      return (x) => {
        const positive = o.max(x, 0);
        const negative = o.sub(o.exp(o.sub(x, positive)), 1);
        return o.add(positive, o.mul(negative, nonlinearity.alpha));
      };
    case "prelu": {
      const slope = parameter(`${name}.weight`, [1], nonlinearity.initialSlope, options);
      return (x) => {
        const positive = o.max(x, 0);
        return o.add(positive, o.mul(o.sub(x, positive), slope));
      };
    }
  }
}

/** Returns x · Φ(x), with the distribution function Φ of the normal distribution. */
export function gelu(x: Value): Value {
  return o.mul(o.mul(x, 0.5), o.add(o.erf(o.mul(x, Math.SQRT1_2)), 1));
}
