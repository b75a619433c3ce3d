/**
 * Sets how much the notebooks compute: minutes for useful results (`full`, the default), or seconds
 * to check that they run (`short`).
 *
 * The level is the environment variable `NNUNET_NOTEBOOK_SETTINGS`, which
 * `deno task notebooks --settings short` sets.
 */

/** Amount of computation in a notebook. */
export interface NotebookSettings {
  /** Number of phantoms; every fifth is reserved for testing. */
  readonly cases: number;
  /** Epochs of a training. */
  readonly epochs: number;
  /** Training steps per epoch. */
  readonly iterations: number;
  /** Validation steps per epoch. */
  readonly validationIterations: number;
  /** Features of the network's first stage. */
  readonly baseFeatures: number;
  /** GPU memory to plan for in GB, which determines patch and batch size. */
  readonly gpuMemoryTarget: number;
  /** Number of folds trained in notebooks that train all folds. */
  readonly folds: number;
  /** Epochs of each training in notebooks that train many models. */
  readonly epochsOfMany: number;
}

const levels: Readonly<Record<"short" | "full", NotebookSettings>> = {
  short: {
    cases: 10,
    epochs: 2,
    iterations: 4,
    validationIterations: 1,
    baseFeatures: 4,
    gpuMemoryTarget: 0.02,
    folds: 2,
    epochsOfMany: 1,
  },
  full: {
    cases: 20,
    epochs: 20,
    iterations: 36,
    validationIterations: 4,
    baseFeatures: 8,
    gpuMemoryTarget: 0.06,
    folds: 5,
    epochsOfMany: 5,
  },
};

/** The chosen level. @throws {RangeError} If the environment variable has another value. */
export const level = chosenLevel(Deno.env.get("NNUNET_NOTEBOOK_SETTINGS") ?? "full");

/** The values of the chosen level. */
export const settings: NotebookSettings = levels[level];

function chosenLevel(name: string): keyof typeof levels {
  if (name === "short" || name === "full") return name;
  throw new RangeError(
    `Cannot run with NNUNET_NOTEBOOK_SETTINGS=${name}: expected short or full`,
  );
}
