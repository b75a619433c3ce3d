/** Optimisers by name, as plain data that can be sent to a worker. */

import { adam, type AdamOptions } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import type { ObjectiveOptions } from "./training_options.ts";

/** Which optimiser, and its settings. */
export type OptimizerChoice =
  | { readonly kind: "sgd" } & SgdOptions
  | { readonly kind: "adam" } & AdamOptions;

/** What a trainer's options choose: nnU-Net's SGD unless they ask for Adam. */
export function optimizerChoice({ sgd, adam }: ObjectiveOptions): OptimizerChoice {
  return adam ? { kind: "adam", ...adam } : { kind: "sgd", ...sgd };
}

/** The optimiser that was chosen. */
export function optimizerOf(choice: OptimizerChoice): Optimizer {
  return choice.kind === "adam" ? adam(choice) : sgd(choice);
}
