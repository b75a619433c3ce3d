/**
 * Reads and writes how a configuration of `nnUNetPlans.json` resamples: three functions of nnU-Net
 * and their arguments.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/preprocessing/resampling
 */

import { z } from "../packages/zod.ts";
import { formatPythonJson, type PythonJson } from "./python_json.ts";
import {
  ANISOTROPY_THRESHOLD,
  type PlannedResampling,
  type Resampling,
  type SliceRule,
  splineResampling,
} from "./resampling.ts";

const SPLINES = "resample_data_or_seg_to_shape";
const TORCH = "resample_torch_fornnunet";
const NONE = "no_resampling_hack";

const splineOrder = z.union(
  [z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)],
  "expected a spline's order from 0 to 5",
);
/** Python takes any number for a truth value. */
const separateSlices = z.union([z.boolean(), z.number().transform(Boolean), z.null()]);
const threshold = z.number().default(ANISOTROPY_THRESHOLD);

// Defaults are those of the functions' parameters. Other arguments are errors in Python, too.
const splineArguments = z.strictObject({
  is_seg: z.boolean().default(false),
  order: splineOrder.default(3),
  order_z: splineOrder.default(0),
  force_separate_z: separateSlices.default(false),
  separate_z_anisotropy_threshold: threshold,
});
const torchArguments = z.strictObject({
  is_seg: z.boolean().default(false),
  force_separate_z: separateSlices.default(null),
  memefficient_seg_resampling: z.boolean().default(false),
  separate_z_anisotropy_threshold: threshold,
  mode: z.enum(["linear", "bilinear", "nearest", "nearest-exact", "area", "bicubic"])
    .default("linear").transform((mode) => mode === "bilinear" ? "linear" : mode),
  aniso_axis_mode: z.enum(["linear", "trilinear", "nearest", "nearest-exact", "area"])
    .default("nearest-exact").transform((mode) => mode === "trilinear" ? "linear" : mode),
  // Where and how fast it is computed.
  num_threads: z.number().optional(),
  device: z.string().optional(),
});
const noArguments = z.strictObject({});

const functionName = z.enum([SPLINES, TORCH, NONE]);
const argumentsByName = z.record(z.string(), z.unknown());

/** Parses the six keys of a configuration. */
export const resamplingSchema = z.object({
  resampling_fn_data: functionName,
  resampling_fn_data_kwargs: argumentsByName,
  resampling_fn_seg: functionName,
  resampling_fn_seg_kwargs: argumentsByName,
  resampling_fn_probabilities: functionName,
  resampling_fn_probabilities_kwargs: argumentsByName,
}).transform((json, context): PlannedResampling => {
  const parse = (target: "data" | "seg" | "probabilities"): Resampling => {
    const key = `resampling_fn_${target}` as const;
    try {
      return resamplingFromJson(json[key], json[`${key}_kwargs`], target === "seg");
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      for (const { path, message } of error.issues) {
        context.addIssue({ code: "custom", path: [`${key}_kwargs`, ...path], message });
      }
      return z.NEVER;
    }
  };
  const data = parse("data");
  const segmentation = parse("seg");
  const probabilities = parse("probabilities");
  if (context.issues.length > 0) return z.NEVER;
  const keepsGrid = (resampling: Resampling) => resampling.kind === "none";
  if (keepsGrid(data) !== keepsGrid(segmentation)) {
    context.addIssue({
      code: "custom",
      message: "resampling_fn_data and resampling_fn_seg give different grids, expected " +
        `${NONE} for both or for neither`,
    });
  }
  if (keepsGrid(probabilities) && !keepsGrid(data)) {
    context.addIssue({
      code: "custom",
      message: `resampling_fn_probabilities is ${NONE}, which leaves predictions on the ` +
        `configuration's grid, expected ${json.resampling_fn_data}`,
    });
  }
  return { data, segmentation, probabilities };
});

function resamplingFromJson(
  name: z.infer<typeof functionName>,
  keywords: Readonly<Record<string, unknown>>,
  isLabels: boolean,
): Resampling {
  if (name === NONE) {
    noArguments.parse(keywords);
    return { kind: "none" };
  }
  if (name === TORCH) {
    const json = torchArguments.parse(keywords);
    requireKind(json.is_seg, isLabels);
    return {
      kind: "torch",
      mode: json.mode,
      modeAcross: json.aniso_axis_mode,
      majority: json.memefficient_seg_resampling,
      ...sliceRule(json),
    };
  }
  const json = splineArguments.parse(keywords);
  // The nearest voxel's value is the same for labels and intensities.
  if (json.order > 0 || json.order_z > 0) requireKind(json.is_seg, isLabels);
  return {
    kind: "spline",
    order: json.order,
    orderAcross: json.order_z,
    ...sliceRule(json),
  };
}

/** Blended integers of labels are other labels, and intensities are no labels. */
function requireKind(found: boolean, expected: boolean): void {
  if (found === expected) return;
  throw new z.ZodError([{
    code: "custom",
    path: ["is_seg"],
    input: found,
    message: `found ${found}, expected ${expected}`,
  }]);
}

function sliceRule(
  json: { force_separate_z: boolean | null; separate_z_anisotropy_threshold: number },
): SliceRule {
  const separate = json.force_separate_z;
  return {
    ...separate !== null && { separate },
    anisotropyThreshold: json.separate_z_anisotropy_threshold,
  };
}

/** Returns whether a configuration resamples as nnU-Net does by default. */
export function isDefaultResampling(resampling: PlannedResampling): boolean {
  return formatPythonJson(resamplingToJson(resampling)) ===
    formatPythonJson(resamplingToJson(splineResampling));
}

/** Formats the six keys of a configuration, in the order of nnU-Net's file. */
export function resamplingToJson(
  { data, segmentation, probabilities }: PlannedResampling,
): Readonly<Record<string, PythonJson>> {
  return {
    resampling_fn_data: nameOf(data),
    resampling_fn_seg: nameOf(segmentation),
    resampling_fn_data_kwargs: keywordsOf(data, false),
    resampling_fn_seg_kwargs: keywordsOf(segmentation, true),
    resampling_fn_probabilities: nameOf(probabilities),
    resampling_fn_probabilities_kwargs: keywordsOf(probabilities, false),
  };
}

function nameOf({ kind }: Resampling): string {
  return { spline: SPLINES, torch: TORCH, none: NONE }[kind];
}

/** Arguments that nnU-Net's planners write are always there, others if they are not the default. */
function keywordsOf(resampling: Resampling, isLabels: boolean): PythonJson {
  if (resampling.kind === "none") return {};
  const { separate, anisotropyThreshold } = resampling;
  const slices = { force_separate_z: separate ?? null };
  const threshold = { separate_z_anisotropy_threshold: anisotropyThreshold };
  const isUsualThreshold = anisotropyThreshold === ANISOTROPY_THRESHOLD;
  if (resampling.kind === "spline") {
    const { order, orderAcross } = resampling;
    return {
      is_seg: isLabels,
      order,
      order_z: orderAcross,
      ...slices,
      ...!isUsualThreshold && threshold,
    };
  }
  const { mode, modeAcross, majority } = resampling;
  return {
    is_seg: isLabels,
    ...slices,
    memefficient_seg_resampling: majority,
    ...(separate === undefined || !isUsualThreshold) && threshold,
    ...mode !== "linear" && { mode },
    ...modeAcross !== "nearest-exact" && { aniso_axis_mode: modeAcross },
  };
}
