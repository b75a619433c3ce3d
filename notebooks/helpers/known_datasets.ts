/** Typical fingerprints of public data sets, to plan for them without their scans. */

import type { DatasetFacts, Fingerprint } from "nnunet/parts";

/** Rounded from the data sets' descriptions; millimetres and voxels are (z, y, x). */
const descriptions = [
  {
    name: "Dataset003_Liver",
    channel: "CT",
    shape: [482, 512, 512],
    spacing: [1, 0.77, 0.77],
    labelCount: 3,
    cases: 131,
  },
  {
    name: "Dataset004_Hippocampus",
    channel: "MRI",
    shape: [36, 50, 35],
    spacing: [1, 1, 1],
    labelCount: 3,
    cases: 260,
  },
  {
    name: "Dataset005_Prostate",
    channel: "MRI",
    shape: [20, 320, 320],
    spacing: [3.6, 0.62, 0.62],
    labelCount: 3,
    cases: 32,
  },
  {
    name: "Dataset002_Heart",
    channel: "MRI",
    shape: [115, 320, 320],
    spacing: [1.37, 1.25, 1.25],
    labelCount: 2,
    cases: 20,
  },
];

/** What `planDataset` takes. */
export interface KnownDataset {
  readonly fingerprint: Fingerprint;
  readonly facts: DatasetFacts;
}

/** A liver CT, a hippocampus MRI, a prostate MRI with thick slices, and a heart MRI. */
export const knownDatasets: readonly KnownDataset[] = descriptions.map(knownDataset);

/** Makes a fingerprint of equal cases; their intensities, which decide nothing here, are made up. */
export function knownDataset(
  { name, channel, shape, spacing, labelCount, cases }: (typeof descriptions)[number],
): KnownDataset {
  return {
    fingerprint: {
      spacings: Array(cases).fill(spacing),
      shapesAfterCrop: Array(cases).fill(shape),
      medianRelativeSizeAfterCropping: 1,
      intensityProperties: [
        { mean: 0, median: 0, std: 1, min: -3, max: 3, percentile005: -3, percentile995: 3 },
      ],
    },
    facts: {
      datasetName: name,
      channelNames: [channel],
      labelCount,
      trainingCases: cases,
      imageReaderWriter: "SimpleITKIO",
    },
  };
}
