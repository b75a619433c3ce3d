/** Describes optimisers as plain data that can be sent to a worker. */

import { adam, type AdamOptions } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import type { ObjectiveOptions } from "../training_options.ts";

/** An optimiser and its settings. */
export type OptimizerChoice =
  | { readonly kind: "sgd" } & SgdOptions
  | { readonly kind: "adam" } & AdamOptions;

/** Returns the optimiser that a trainer's options choose: Adam if set, otherwise nnU-Net's SGD. */
export function optimizerChoice({ sgd, adam }: ObjectiveOptions): OptimizerChoice {
  return adam ? { kind: "adam", ...adam } : { kind: "sgd", ...sgd };
}

/** Creates the chosen optimiser. */
export function optimizerOf(choice: OptimizerChoice): Optimizer {
  return choice.kind === "adam" ? adam(choice) : sgd(choice);
}
