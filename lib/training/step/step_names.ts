/** Names the inputs and outputs of a step's graphs. */

/** Names of the inputs and outputs of the training and the validation step. */
export const stepNames = {
  /** float32 (parameters) */
  weights: "weights",
  /** float32 (the optimiser's state size) */
  momentum: "momentum",
  newWeights: "new_weights",
  newMomentum: "new_momentum",
  /** float32 (2), with loss scaling only: scale, finite steps since it last changed */
  scaling: "scaling",
  newScaling: "new_scaling",
  /** float32 (n, c, …patch) */
  image: "image",
  /** uint8 labels, (n, …patch) */
  target: "target",
  /** Followed by a number: float32 from [0, 1), in the shapes that the network asks for */
  random: "random_",
  /** float32 scalar */
  learningRate: "learning_rate",
  /** float32 scalar */
  loss: "loss",
  /** float32 scalar, before clipping */
  gradientNorm: "gradient_norm",
  /** float32 (3, foreground labels or regions): true positives, false positives, false negatives */
  counts: "counts",
} as const;
