/** Whole plans of a fixed fingerprint: a change of any number shows in the committed snapshot. */

import { formatPlans } from "../../lib/files/plans_json.ts";
import type { Fingerprint } from "../../lib/files/plans.ts";
import { planDataset } from "../../lib/planning/plan_dataset.ts";
import { formatReasons, type Reason } from "../../lib/planning/reason.ts";

/** CT scans large enough for a cascade, with thick slices. */
const fingerprint: Fingerprint = {
  spacings: [[2.5, 0.8, 0.8], [2.5, 0.7, 0.7], [5, 0.8, 0.8]],
  shapesAfterCrop: [[220, 512, 512], [180, 512, 512], [110, 512, 512]],
  medianRelativeSizeAfterCropping: 1,
  intensityProperties: [{
    mean: 80,
    median: 85,
    std: 40,
    min: -200,
    max: 400,
    percentile005: -50,
    percentile995: 180,
  }],
};
const reasons: Reason[] = [];
const plans = planDataset(
  fingerprint,
  {
    datasetName: "Dataset007_Snapshot",
    channelNames: ["CT"],
    labelCount: 3,
    trainingCases: 3,
    imageReaderWriter: "SimpleITKIO",
  },
  {},
  (reason) => void reasons.push(reason),
);

Deno.test("planDataset() plans all configurations as in the snapshot", async (t) => {
  await t.assertSnapshot(formatPlans(plans).split("\n"));
});

Deno.test("planDataset() explains its decisions as in the snapshot", async (t) => {
  await t.assertSnapshot(formatReasons(reasons).split("\n"));
});
