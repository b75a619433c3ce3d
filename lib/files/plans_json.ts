/**
 * Parses and formats nnU-Net's `nnUNetPlans.json`, with its keys, their order and Python's format.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/plans_handling/plans_handler.py
 */

import { z } from "../packages/zod.ts";
import type { Configuration, PlansData, UnsupportedConfiguration } from "./plans.ts";
import { MAX_DEPTH } from "../untrusted/limits.ts";
import { EXPECTED_FILE_NAME, isFileName } from "../untrusted/file_name.ts";
import {
  architectureSchema,
  architectureToJson,
  flatArchitectureSchema,
} from "./architecture_json.ts";
import { requireBuildable } from "./plan_limits.ts";
import { isDefaultResampling, resamplingSchema, resamplingToJson } from "./resampling_json.ts";
import { splineResampling } from "./resampling.ts";
import { intensitySchema, intensityToJson } from "./intensity_json.ts";
import { formatPythonJson, parsePythonJson, PythonFloat, type PythonJson } from "./python_json.ts";
import { reasonOf } from "../options/reason_of.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

/** Names of nnU-Net's configurations, in the order of its file; added ones follow. */
const plannedNames: readonly string[] = ["2d", "3d_lowres", "3d_fullres", "3d_cascade_fullres"];

/** A name from which paths are made. */
const fileName = z.string().refine(isFileName, {
  error: ({ input }) => `found ${JSON.stringify(input)}, ${EXPECTED_FILE_NAME}`,
});

/** The next stages of a cascade; one may stand there without a list. */
const nextStages = z.union([fileName, z.array(fileName)])
  .transform((names) => typeof names === "string" ? [names] : names);

const extents = z.array(z.number().int().positive());

/** Keys of all configurations except the network and the resampling. */
const commonSchema = z.object({
  data_identifier: fileName,
  preprocessor_name: z.literal("DefaultPreprocessor"),
  batch_size: z.number().int().positive(),
  patch_size: extents,
  // Written for readers only, as the three facts about planning below.
  median_image_size_in_voxels: z.array(z.number().positive()).default([]),
  spacing: z.array(z.number().positive()),
  normalization_schemes: z.array(z.enum([
    "ZScoreNormalization",
    "CTNormalization",
    "NoNormalization",
    "RescaleTo01Normalization",
    "RGBTo01Normalization",
  ])),
  use_mask_for_norm: z.array(z.boolean()),
  batch_dice: z.boolean(),
  previous_stage: fileName.nullish(),
  next_stage: nextStages.nullish(),
});

/** Names in configurations from which paths are made, whether or not they are supported. */
const namesSchema = z.looseObject({
  data_identifier: fileName.optional(),
  previous_stage: fileName.nullish(),
  next_stage: nextStages.nullish(),
});

const axis = z.number().int().min(0).max(2);
const transposition = z.tuple([axis, axis, axis]).refine(
  (axes) => new Set(axes).size === 3,
  "expected each of 0, 1, 2 once",
);

const plansSchema = z.object({
  dataset_name: fileName,
  plans_name: fileName,
  original_median_spacing_after_transp: z.array(z.number()).default([]),
  original_median_shape_after_transp: z.array(z.number()).default([]),
  image_reader_writer: z.string(),
  transpose_forward: transposition,
  transpose_backward: transposition,
  configurations: z.record(z.string(), namesSchema),
  experiment_planner_used: z.string().default(""),
  label_manager: z.literal("LabelManager").optional(),
  foreground_intensity_properties_per_channel: intensitySchema,
});

/** Formats plans as the text of `nnUNetPlans.json`. */
export function formatPlans(plansData: PlansData): string {
  const { "3d_fullres": fullres } = plansData.configurations;
  const { configurations: usable, unsupported = {} } = plansData;
  const names = inFileOrder([...Object.keys(usable), ...Object.keys(unsupported)]);
  const configurations = names.map((name): [string, PythonJson] => {
    const configuration = usable[name];
    if (!configuration) return [name, unsupported[name].json as PythonJson];
    return [
      name,
      name === "3d_cascade_fullres" && fullres
        ? inheritingToJson(configuration, fullres)
        : configurationToJson(configuration),
    ];
  });
  return formatPythonJson({
    dataset_name: plansData.datasetName,
    plans_name: plansData.plansName,
    original_median_spacing_after_transp: plansData.originalMedianSpacing.map(asFloat),
    original_median_shape_after_transp: plansData.originalMedianShape,
    image_reader_writer: plansData.imageReaderWriter,
    transpose_forward: plansData.transposeForward,
    transpose_backward: plansData.transposeBackward,
    configurations: Object.fromEntries(configurations),
    experiment_planner_used: plansData.experimentPlannerUsed,
    label_manager: "LabelManager",
    foreground_intensity_properties_per_channel: intensityToJson(plansData.intensityProperties),
  }, { sortKeys: false });
}

/**
 * Parses the text of `nnUNetPlans.json`. Configurations that this library does not support are kept
 * as such, so that the others can be used.
 *
 * @throws {SyntaxError} If the text is not plans, no configuration is supported, or a name could
 * lead out of the folder that it is used in.
 */
export function parsePlans(text: string): PlansData {
  const json = parse(plansSchema, withCurrentKeys(parsePythonJson(text)));
  const configurations: Record<string, Configuration> = {};
  const unsupported: Record<string, UnsupportedConfiguration> = {};
  for (const name of inFileOrder(Object.keys(json.configurations))) {
    if (!isFileName(name)) {
      throw new SyntaxError(
        `A configuration is named ${JSON.stringify(name)}, ${EXPECTED_FILE_NAME}`,
      );
    }
    try {
      configurations[name] = configurationFromJson(name, inherited(name, json.configurations));
    } catch (cause) {
      unsupported[name] = { reason: reasonOf(cause), json: json.configurations[name] };
    }
  }
  const reasons = Object.entries(unsupported);
  if (reasons.length > 0 && Object.keys(configurations).length === 0) {
    throw new SyntaxError(
      reasons.map(([name, { reason }]) => `Configuration ${name}: ${reason}`).join("\n"),
    );
  }
  return {
    datasetName: json.dataset_name,
    plansName: json.plans_name,
    originalMedianSpacing: json.original_median_spacing_after_transp,
    originalMedianShape: json.original_median_shape_after_transp,
    imageReaderWriter: json.image_reader_writer,
    transposeForward: json.transpose_forward,
    transposeBackward: json.transpose_backward,
    configurations,
    ...reasons.length > 0 && { unsupported },
    experimentPlannerUsed: json.experiment_planner_used,
    intensityProperties: json.foreground_intensity_properties_per_channel,
  };
}

/** Sorts names of configurations as nnU-Net's file does; those that it does not plan come last. */
function inFileOrder(names: readonly string[]): string[] {
  const planned = plannedNames.filter((name) => names.includes(name));
  return [...planned, ...names.filter((name) => !planned.includes(name))];
}

/** Renames keys of early plans, which used "modality" for channels. */
function withCurrentKeys(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (!("foreground_intensity_properties_by_modality" in json)) return json;
  const { foreground_intensity_properties_by_modality: intensities, ...rest } = json;
  return { foreground_intensity_properties_per_channel: intensities, ...rest };
}

type RawConfiguration = Readonly<Record<string, unknown>>;

/** Returns a configuration with inherited keys, which its own keys override. */
function inherited(
  name: string,
  configurations: Readonly<Record<string, RawConfiguration>>,
  descendants: readonly string[] = [],
): RawConfiguration {
  if (descendants.includes(name)) {
    throw new SyntaxError(`Inherits from itself: ${[...descendants, name].join(" → ")}`);
  }
  if (descendants.length > MAX_DEPTH) {
    throw new SyntaxError(`Inherits through more than ${MAX_DEPTH} configurations`);
  }
  if (!Object.hasOwn(configurations, name)) {
    throw new SyntaxError(
      `Inherits from "${name}", expected one of ${Object.keys(configurations).join(", ")}`,
    );
  }
  const { inherits_from: parent, ...own } = configurations[name];
  if (parent === undefined) return own;
  if (typeof parent !== "string") {
    throw new SyntaxError(`inherits_from is ${JSON.stringify(parent)}, expected a configuration`);
  }
  return { ...inherited(parent, configurations, [...descendants, name]), ...own };
}

function configurationFromJson(name: string, raw: RawConfiguration): Configuration {
  const json = parse(commonSchema, raw);
  const resampling = parse(resamplingSchema, raw);
  const architecture = "architecture" in raw
    ? parse(architectureSchema, raw.architecture)
    : parse(flatArchitectureSchema, raw);
  const configuration: Configuration = {
    name,
    dataIdentifier: json.data_identifier,
    batchSize: json.batch_size,
    patchSize: json.patch_size,
    medianImageSize: json.median_image_size_in_voxels,
    spacing: json.spacing,
    normalizationSchemes: json.normalization_schemes,
    useMaskForNorm: json.use_mask_for_norm,
    ...!isDefaultResampling(resampling) && { resampling },
    architecture,
    batchDice: json.batch_dice,
    ...(json.previous_stage && { previousStage: json.previous_stage }),
    ...(json.next_stage && { nextStages: json.next_stage }),
  };
  requireBuildable(configuration);
  return configuration;
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new SyntaxError(schemaProblems(parsed.error));
  return parsed.data;
}

type ConfigurationJson = { readonly [key: string]: PythonJson };

function configurationToJson(configuration: Configuration): ConfigurationJson {
  // Upstream writes medians as floats, but the low-resolution shape as integers.
  const hasWholeShape = configuration.name === "3d_lowres";
  const { nextStages } = configuration;
  return {
    data_identifier: configuration.dataIdentifier,
    preprocessor_name: "DefaultPreprocessor",
    batch_size: configuration.batchSize,
    patch_size: configuration.patchSize,
    median_image_size_in_voxels: hasWholeShape
      ? configuration.medianImageSize
      : configuration.medianImageSize.map(asFloat),
    spacing: configuration.spacing.map(asFloat),
    normalization_schemes: configuration.normalizationSchemes,
    use_mask_for_norm: configuration.useMaskForNorm,
    ...resamplingToJson(configuration.resampling ?? splineResampling),
    architecture: architectureToJson(configuration.architecture),
    batch_dice: configuration.batchDice,
    ...(configuration.previousStage && { previous_stage: configuration.previousStage }),
    ...(nextStages && { next_stage: nextStages.length === 1 ? nextStages[0] : nextStages }),
  };
}

/** Returns the keys that differ from `parent`, as nnU-Net writes the cascade. */
function inheritingToJson(configuration: Configuration, parent: Configuration): ConfigurationJson {
  const inherited = configurationToJson(parent);
  const own = Object.entries(configurationToJson(configuration)).filter(([key, value]) =>
    !(key in inherited) || formatPythonJson(value) !== formatPythonJson(inherited[key])
  );
  return { inherits_from: parent.name, ...Object.fromEntries(own) };
}

function asFloat(value: number): PythonFloat {
  return new PythonFloat(value);
}
