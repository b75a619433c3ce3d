/** Plans of a data set like the hippocampus, to show. */

import { planDataset } from "../../lib/planning/plan_dataset.ts";

const intensities = {
  mean: 1,
  median: 1,
  std: 1,
  min: 0,
  max: 2,
  percentile005: 0,
  percentile995: 2,
};
/** The plans. */
export const plans = planDataset(
  {
    spacings: Array(5).fill([1, 1, 1]),
    shapesAfterCrop: Array(5).fill([36, 50, 35]),
    medianRelativeSizeAfterCropping: 1,
    intensityProperties: [intensities],
  },
  {
    datasetName: "Dataset004_Hippocampus",
    channelNames: ["MRI"],
    labelCount: 3,
    trainingCases: 5,
    imageReaderWriter: "SimpleITKIO",
  },
);
