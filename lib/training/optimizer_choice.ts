/** Optimisers by name, as plain data that a worker can get. */

import { adam, type AdamOptions } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd, type SgdOptions } from "./sgd.ts";

/** Which optimiser, and its settings. */
export type OptimizerChoice =
  | { readonly kind: "sgd" } & SgdOptions
  | { readonly kind: "adam" } & AdamOptions;

/** The optimiser that was chosen. */
export function optimizerOf(choice: OptimizerChoice): Optimizer {
  return choice.kind === "adam" ? adam(choice) : sgd(choice);
}
