/** Intensity properties in `dataset_fingerprint.json` and `nnUNetPlans.json`. */

import { z } from "../packages/zod.ts";
import type { IntensityProperties } from "./plans.ts";
import { PythonFloat, type PythonJson } from "./python_json.ts";

/** nnU-Net's keys, in the order of its files. */
const keys = {
  max: "max",
  mean: "mean",
  median: "median",
  min: "min",
  percentile005: "percentile_00_5",
  percentile995: "percentile_99_5",
  std: "std",
} as const satisfies Record<keyof IntensityProperties, string>;

const number = z.number().or(z.nan());

/** Parses properties by channel number, `{"0": …}`, to a list. */
export const intensitySchema = z.record(
  z.string().regex(/^\d+$/),
  z.object({
    max: number,
    mean: number,
    median: number,
    min: number,
    percentile_00_5: number,
    percentile_99_5: number,
    std: number,
    // In the order in which they are computed: preprocessed cases record a hash of them.
  }).transform((json): IntensityProperties => ({
    mean: json.mean,
    median: json.median,
    std: json.std,
    min: json.min,
    max: json.max,
    percentile005: json.percentile_00_5,
    percentile995: json.percentile_99_5,
  })),
).transform((channels) =>
  Object.keys(channels).sort((a, b) => Number(a) - Number(b)).map((channel) => channels[channel])
);

/** Formats a list of properties by channel number. */
export function intensityToJson(channels: readonly IntensityProperties[]): PythonJson {
  return Object.fromEntries(channels.map((properties, channel) => [
    String(channel),
    Object.fromEntries(
      (Object.keys(keys) as (keyof IntensityProperties)[]).map((key) => [
        keys[key],
        new PythonFloat(properties[key]),
      ]),
    ),
  ]));
}
