/** Finds configurations of plans by name. */

import type { Configuration, PlansData } from "./plans.ts";

/** Returns a configuration by name; undefined if the plans have none that is supported. */
export function configurationOf(plans: PlansData, name: string): Configuration | undefined {
  return Object.values(plans.configurations).find((each) => each?.name === name);
}

/** Says why {@link configurationOf} finds none, for error messages: "nnUNetPlans of Dataset001_A has 2d". */
export function whyNoConfiguration(plans: PlansData, name: string): string {
  const unsupported = Object.entries(plans.unsupported ?? {}).find(([each]) => each === name)?.[1];
  if (unsupported) return `this library does not support it: ${unsupported.reason}`;
  const known = Object.values(plans.configurations).map((each) => each!.name);
  return `${plans.plansName} of ${plans.datasetName} has ${known.join(", ")}`;
}
