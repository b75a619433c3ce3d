/**
 * How much the notebooks compute: minutes to learn from, or seconds to check that they run.
 *
 * `NNUNET_NOTEBOOK_SETTINGS` chooses, `full` by default; `deno task notebooks --settings short`
 * sets it.
 */

/** What a notebook may spend. */
export interface NotebookSettings {
  /** Phantoms made; every fifth is kept for testing. */
  readonly cases: number;
  /** Of a training. */
  readonly epochs: number;
  /** Training steps an epoch. */
  readonly iterations: number;
  /** Validation steps an epoch. */
  readonly validationIterations: number;
  /** Features of a network's first stage. */
  readonly baseFeatures: number;
  /** GB to plan for, which sets patch and batch size. */
  readonly gpuMemoryTarget: number;
  /** Folds trained where a notebook trains all of them. */
  readonly folds: number;
  /** Of each training where a notebook trains many. */
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

/** `short` or `full`. @throws {RangeError} If the variable has another value. */
export const level = chosenLevel(Deno.env.get("NNUNET_NOTEBOOK_SETTINGS") ?? "full");

/** The values of the chosen level. */
export const settings: NotebookSettings = levels[level];

function chosenLevel(name: string): keyof typeof levels {
  if (name === "short" || name === "full") return name;
  throw new RangeError(
    `Cannot run with NNUNET_NOTEBOOK_SETTINGS=${name}: expected short or full`,
  );
}
