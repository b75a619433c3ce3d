/** Compares what a training was started with and what it is resumed with. */

import { formatDatasetJson, parseDatasetJson } from "../files/dataset_json.ts";
import type { DatasetJson } from "../files/dataset.ts";
import type { PlansData } from "../files/plans.ts";
import { formatPlans, parsePlans } from "../files/plans_json.ts";
import type { InitArgs } from "../interop/nnunet_checkpoint.ts";

/** Plans and data set of a training. */
export interface TrainedWith {
  readonly plansData: PlansData;
  readonly datasetJson: DatasetJson;
  /** Name of the configuration; changes of other ones do not matter. */
  readonly configuration: string;
}

/**
 * Lists what has changed in the plans and `dataset.json` since a checkpoint was written.
 *
 * @returns One text per value, such as `nnUNetPlans.json: configurations.2d.batch_size 12 → 10`;
 * empty if nothing has changed that matters.
 */
export function changedPlans(before: InitArgs, now: TrainedWith): string[] {
  return [
    ...changes(
      `${now.plansData.plansName}.json`,
      () => relevant(JSON.parse(formatPlans(parsePlans(JSON.stringify(before.plans)))), now),
      relevant(JSON.parse(formatPlans(now.plansData)), now),
    ),
    ...changes(
      "dataset.json",
      () => formatDatasetJson(parseDatasetJson(before.datasetJson, "the checkpoint")),
      formatDatasetJson(now.datasetJson),
    ),
  ];
}

function changes(file: string, before: () => unknown, now: unknown): string[] {
  try {
    return differences(before(), now).map((text) => `${file}: ${text}`);
  } catch {
    return [`${file}: the checkpoint's cannot be read`];
  }
}

/** Removes the other configurations of plans. */
function relevant(
  plans: { configurations: Record<string, unknown> },
  { configuration }: TrainedWith,
) {
  return { ...plans, configurations: { [configuration]: plans.configurations[configuration] } };
}

/** Lists the paths at which two JSON values differ, with both values. */
function differences(before: unknown, now: unknown, path = ""): string[] {
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) =>
      differences(before[key], now[key], path === "" ? key : `${path}.${key}`)
    );
  }
  const [a, b] = [JSON.stringify(before), JSON.stringify(now)];
  return a === b ? [] : [`${path} ${shortened(a)} → ${shortened(b)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MAX_LENGTH = 60;

function shortened(text = "nothing"): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}
