/** Compares what a training was started with and what it is resumed with. */

import { formatDatasetJson, parseDatasetJson } from "../files/dataset_json.ts";
import type { DatasetJson } from "../files/dataset.ts";
import type { PlansData } from "../files/plans.ts";
import { jsonDifferences } from "../files/json_differences.ts";
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
    ...changedPlanText(JSON.stringify(before.plans), now),
    ...changes(
      "dataset.json",
      () => formatDatasetJson(parseDatasetJson(before.datasetJson, "the checkpoint")),
      formatDatasetJson(now.datasetJson),
    ),
  ];
}

/**
 * Lists what has changed in the plans since a file was written.
 *
 * @param before The file's text.
 * @returns As {@link changedPlans}.
 */
export function changedPlanText(
  before: string,
  now: Pick<TrainedWith, "plansData" | "configuration">,
): string[] {
  return changes(
    `${now.plansData.plansName}.json`,
    () => relevant(JSON.parse(formatPlans(parsePlans(before))), now),
    relevant(JSON.parse(formatPlans(now.plansData)), now),
  );
}

function changes(file: string, before: () => unknown, now: unknown): string[] {
  try {
    return jsonDifferences(before(), now).map(({ path, before, after }) =>
      `${file}: ${path.join(".")} ${shortened(before)} → ${shortened(after)}`
    );
  } catch {
    return [`${file}: the checkpoint's cannot be read`];
  }
}

/** Removes the other configurations of plans. */
function relevant(
  plans: { configurations: Record<string, unknown> },
  { configuration }: Pick<TrainedWith, "configuration">,
) {
  return { ...plans, configurations: { [configuration]: plans.configurations[configuration] } };
}

const MAX_LENGTH = 60;

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}
