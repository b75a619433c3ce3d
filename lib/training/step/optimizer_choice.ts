/** Describes optimisers as plain data that can be sent to a worker. */

import { adam, type AdamOptions } from "./adam.ts";
import { adan, type AdanOptions } from "./adan.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import type { ObjectiveOptions } from "../training_options.ts";

/** An optimiser and its settings. */
export type OptimizerChoice =
  | { readonly kind: "sgd" } & SgdOptions
  | { readonly kind: "adam" } & AdamOptions
  | { readonly kind: "adan" } & AdanOptions;

/** Returns the optimiser that a trainer's options choose: nnU-Net's SGD unless another one is set. */
export function optimizerChoice({ sgd, adam, adan }: ObjectiveOptions): OptimizerChoice {
  if (adam) return { kind: "adam", ...adam };
  return adan ? { kind: "adan", ...adan } : { kind: "sgd", ...sgd };
}

/** Creates the chosen optimiser. */
export function optimizerOf(choice: OptimizerChoice): Optimizer {
  switch (choice.kind) {
    case "adam":
      return adam(choice);
    case "adan":
      return adan(choice);
    default:
      return sgd(choice);
  }
}
