/**
 * Encodes and decodes the state of PyTorch's optimisers that nnU-Net's trainers use.
 *
 * @see PyTorch's `torch.optim.SGD.state_dict` and `torch.optim.Adam.state_dict`
 */

import { type NdArray, sameShape } from "../array/nd_array.ts";
import { Fields, toFloat32 } from "./fields.ts";
import { type PythonValue, Tuple } from "./python_values.ts";

/** Hyperparameters and momentum of stochastic gradient descent. */
export interface SgdState {
  /** Learning rate of the last epoch. */
  readonly learningRate: number;
  /** Learning rate at the start of the schedule. */
  readonly initialLearningRate: number;
  /** Share of the previous update that is kept. */
  readonly momentum: number;
  /** Factor of the weights that is added to the gradient. */
  readonly weightDecay: number;
  /** Whether momentum is Nesterov's. */
  readonly nesterov: boolean;
  /** Momentum by parameter name; missing for parameters that never had a gradient. */
  readonly momentumBuffers: ReadonlyMap<string, NdArray>;
}

/** Hyperparameters and gradient moments of Adam, or of AdamW if the decay is decoupled. */
export interface AdamState {
  /** Learning rate of the last epoch. */
  readonly learningRate: number;
  /** Learning rate at the start of the schedule. */
  readonly initialLearningRate: number;
  /** Decay of the means of gradients and of their squares. */
  readonly betas: readonly [number, number];
  /** Added to the root of the mean squares. */
  readonly epsilon: number;
  /**
   * Factor of the weights that is added to the gradient or, if decoupled, subtracted from the
   * weights.
   */
  readonly weightDecay: number;
  /** Whether the weight decay is decoupled, as in AdamW. */
  readonly decoupled: boolean;
  /** Number of steps so far. */
  readonly steps: number;
  /** Mean gradients by parameter name; missing for parameters that never had a gradient. */
  readonly means: ReadonlyMap<string, NdArray>;
  /** Mean squared gradients by parameter name. */
  readonly squares: ReadonlyMap<string, NdArray>;
  /** Largest mean squared gradients so far, for AMSGrad. */
  readonly largestSquares?: ReadonlyMap<string, NdArray>;
}

/** Hyperparameters and gradient moments of Adan, as in the package `adan-pytorch`. */
export interface AdanState {
  /** Learning rate of the last epoch. */
  readonly learningRate: number;
  /** Learning rate at the start of the schedule. */
  readonly initialLearningRate: number;
  /** Shares of the newest value in the means of gradients, of their differences and of squares. */
  readonly adanBetas: readonly [number, number, number];
  /** Added to the root of the mean squares. */
  readonly epsilon: number;
  /** The decoupled weight decay. */
  readonly weightDecay: number;
  /** Number of steps so far. */
  readonly steps: number;
  /** Gradients of the last step by parameter name; missing for parameters that never had one. */
  readonly previousGradients: ReadonlyMap<string, NdArray>;
  /** Mean gradients by parameter name. */
  readonly means: ReadonlyMap<string, NdArray>;
  /** Mean differences of successive gradients by parameter name. */
  readonly differences: ReadonlyMap<string, NdArray>;
  /** Mean squares by parameter name. */
  readonly squares: ReadonlyMap<string, NdArray>;
}

/** The state of an optimiser in a checkpoint. */
export type RecordedOptimizer = SgdState | AdamState | AdanState;

type ByName = ReadonlyMap<string, NdArray>;

/**
 * Encodes an optimiser's state dictionary.
 *
 * @param networkWeights Weights in PyTorch's order, which numbers the parameters.
 * @throws {TypeError} If a buffer has no parameter or differs from it in shape.
 */
export function encodeOptimizer(
  optimizer: RecordedOptimizer,
  networkWeights: ByName,
): PythonValue {
  if ("adanBetas" in optimizer) return encodeAdan(optimizer, networkWeights);
  return "betas" in optimizer
    ? encodeAdam(optimizer, networkWeights)
    : encodeSgd(optimizer, networkWeights);
}

function encodeSgd(sgd: SgdState, networkWeights: ByName): PythonValue {
  checkBuffers(sgd.momentumBuffers, networkWeights, "write");
  return {
    state: stateOf(networkWeights, (name) => {
      const buffer = sgd.momentumBuffers.get(name);
      return buffer && { momentum_buffer: buffer };
    }),
    param_groups: [{
      lr: sgd.learningRate,
      momentum: sgd.momentum,
      dampening: 0,
      weight_decay: sgd.weightDecay,
      nesterov: sgd.nesterov,
      maximize: false,
      foreach: null,
      differentiable: false,
      fused: null,
      initial_lr: sgd.initialLearningRate,
      params: numbersOf(networkWeights),
    }],
  };
}

function encodeAdam(adam: AdamState, networkWeights: ByName): PythonValue {
  const { means, squares, largestSquares } = adam;
  for (const buffers of [means, squares, largestSquares ?? new Map()]) {
    checkBuffers(buffers, networkWeights, "write");
  }
  return {
    state: stateOf(networkWeights, (name) => {
      const [mean, square, largest] = [means, squares, largestSquares].map((all) => all?.get(name));
      return mean && square && {
        step: { shape: [], data: Float32Array.of(adam.steps) },
        exp_avg: mean,
        exp_avg_sq: square,
        ...largest && { max_exp_avg_sq: largest },
      };
    }),
    param_groups: [{
      lr: adam.learningRate,
      betas: Tuple.from(adam.betas),
      eps: adam.epsilon,
      weight_decay: adam.weightDecay,
      amsgrad: largestSquares !== undefined,
      maximize: false,
      foreach: null,
      capturable: false,
      differentiable: false,
      fused: null,
      decoupled_weight_decay: adam.decoupled,
      initial_lr: adam.initialLearningRate,
      params: numbersOf(networkWeights),
    }],
  };
}

function encodeAdan(adan: AdanState, networkWeights: ByName): PythonValue {
  const { previousGradients, means, differences, squares } = adan;
  const all = [previousGradients, means, differences, squares];
  for (const buffers of all) checkBuffers(buffers, networkWeights, "write");
  return {
    state: stateOf(networkWeights, (name) => {
      const [previous, mean, difference, square] = all.map((buffers) => buffers.get(name));
      return previous && mean && difference && square && {
        step: adan.steps,
        prev_grad: previous,
        m: mean,
        v: difference,
        n: square,
      };
    }),
    param_groups: [{
      lr: adan.learningRate,
      betas: Tuple.from(adan.adanBetas),
      eps: adan.epsilon,
      weight_decay: adan.weightDecay,
      restart_cond: null,
      initial_lr: adan.initialLearningRate,
      params: numbersOf(networkWeights),
    }],
  };
}

const numbersOf = (networkWeights: ByName) => Array.from(networkWeights.keys(), (_, i) => i);

/** Returns the state by parameter index, as in PyTorch. */
function stateOf(
  networkWeights: ByName,
  ofParameter: (name: string) => PythonValue | undefined,
): PythonValue {
  const entries = Array.from(networkWeights.keys(), (name, i) => [i, ofParameter(name)] as const);
  return new Map<PythonValue, PythonValue>(
    entries.filter((entry): entry is [number, PythonValue] => entry[1] !== undefined),
  );
}

/**
 * Decodes a state dictionary; returns `null` for other optimisers.
 *
 * @throws {TypeError} If it does not match the weights.
 */
export function decodeOptimizer(
  optimizer: Fields,
  networkWeights: ByName,
): RecordedOptimizer | null {
  const groups = optimizer.list("param_groups");
  const group = new Fields(groups[0], "optimizer's param_groups[0]");
  const isSgd = group.has("nesterov"), isAdam = group.has("amsgrad");
  // A restart's condition is code, which no checkpoint contains.
  const isAdan = group.has("restart_cond") && group.get("restart_cond") === null;
  if (groups.length !== 1 || !(isSgd || isAdam || isAdan)) return null;

  const parameters = group.list("params").length;
  if (parameters !== networkWeights.size) {
    throw new TypeError(
      `Cannot read checkpoint: its optimizer has ${parameters} parameters, ` +
        `its network ${networkWeights.size}`,
    );
  }
  const states = optimizer.dict("state").entries();
  const buffers = (key: string) => {
    const found = new Map<string, NdArray>();
    [...networkWeights.keys()].forEach((name, index) => {
      if (!states.has(index)) return;
      const buffer = new Fields(states.get(index), `state of ${name}`).get(key);
      if (buffer !== null) found.set(name, toFloat32(buffer, `${key} of ${name}`));
    });
    checkBuffers(found, networkWeights, "read");
    return found;
  };
  const rates = {
    learningRate: group.number("lr"),
    // Missing without a schedule.
    initialLearningRate: group.number(group.has("initial_lr") ? "initial_lr" : "lr"),
  };
  if (isSgd) {
    return {
      ...rates,
      momentum: group.number("momentum"),
      weightDecay: group.number("weight_decay"),
      nesterov: group.get("nesterov") === true,
      momentumBuffers: buffers("momentum_buffer"),
    };
  }
  const [first] = states.values();
  if (isAdan) {
    const [mean, difference, square] = group.numbers("betas");
    return {
      ...rates,
      adanBetas: [mean, difference, square],
      epsilon: group.number("eps"),
      weightDecay: group.number("weight_decay"),
      steps: first === undefined ? 0 : new Fields(first, "optimizer's state").number("step"),
      previousGradients: buffers("prev_grad"),
      means: buffers("m"),
      differences: buffers("v"),
      squares: buffers("n"),
    };
  }
  const [meanBeta, squareBeta] = group.numbers("betas");
  return {
    ...rates,
    betas: [meanBeta, squareBeta],
    epsilon: group.number("eps"),
    weightDecay: group.number("weight_decay"),
    decoupled: group.has("decoupled_weight_decay") && group.get("decoupled_weight_decay") === true,
    steps: first === undefined
      ? 0
      : toFloat32(new Fields(first, "optimizer's state").get("step"), "step").data[0],
    means: buffers("exp_avg"),
    squares: buffers("exp_avg_sq"),
    ...group.get("amsgrad") === true && { largestSquares: buffers("max_exp_avg_sq") },
  };
}

function checkBuffers(
  buffers: ReadonlyMap<string, NdArray>,
  networkWeights: ReadonlyMap<string, NdArray>,
  action: "read" | "write",
) {
  for (const [name, { shape }] of buffers) {
    const weight = networkWeights.get(name);
    if (!weight || !sameShape(shape, weight.shape)) {
      throw new TypeError(
        `Cannot ${action} checkpoint: momentum of ${name} has shape (${shape}), expected ${
          weight ? `(${weight.shape})` : "a parameter of that name"
        }`,
      );
    }
  }
}
