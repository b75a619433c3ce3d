/** What to type where a configuration's cases are not preprocessed. */

import type { PlansData } from "../files/plans.ts";

/**
 * The command that preprocesses a configuration, for messages.
 *
 * @example
 * ```ts
 * preprocessCommand({ datasetName: "Dataset004_Hippocampus", plansName: "nnUNetPlans" }, "2d");
 * // "deno task nnunet preprocess -d 4 -c 2d"
 * ```
 */
export function preprocessCommand(
  { datasetName, plansName }: Pick<PlansData, "datasetName" | "plansName">,
  configuration: string,
): string {
  const id = Number(/^Dataset(\d+)_/.exec(datasetName)?.[1]);
  const plans = plansName === "nnUNetPlans" ? "" : ` -plans_name ${plansName}`;
  return `deno task nnunet preprocess -d ${id || datasetName}${plans} -c ${configuration}`;
}
