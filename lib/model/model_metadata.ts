/** Stores a model's facts in the metadata of its ONNX file, so that it needs no other file. */

import { parseJson } from "../untrusted/json_text.ts";
import { formatDatasetJson, parseDatasetJson } from "../files/dataset_json.ts";
import { formatPlans, parsePlans } from "../files/plans_json.ts";
import { decodeModel } from "../graph/encode.ts";
import { inferenceNames } from "./inference_graph.ts";
import { type ModelFacts, modelFacts, type ModelSources } from "./model_facts.ts";
import { namedConfiguration } from "./named_configuration.ts";
import { OpenModelError, orOpenModelError } from "./open_model_error.ts";

/** Keys of the metadata. Values are JSON, except for the configuration's name. */
const keys = {
  configuration: "configuration",
  plans: "plans",
  dataset: "dataset",
  mirrorAxes: "mirror_axes",
  /** The following repeat parts of the plans for readers without this library. */
  labels: "labels",
  spacing: "spacing_zyx_mm",
  normalization: "normalization",
  intensityProperties: "intensity_properties",
} as const;

/**
 * Encodes a model's metadata.
 *
 * @param sources The model's plans, configuration and data set, and the axes to average mirrored
 * views over; none if the model itself averages over them.
 * @returns Strings by key, as {@link readModelMetadata} reads them.
 */
export function modelMetadata(
  { plansData, configuration, datasetJson, mirrorAxes }: ModelSources,
): Record<string, string> {
  return {
    [keys.configuration]: configuration.name,
    [keys.plans]: formatPlans(plansData),
    [keys.dataset]: JSON.stringify(formatDatasetJson(datasetJson)),
    [keys.mirrorAxes]: JSON.stringify(mirrorAxes),
    [keys.labels]: JSON.stringify(datasetJson.labels),
    [keys.spacing]: JSON.stringify(configuration.spacing),
    [keys.normalization]: JSON.stringify(
      configuration.normalizationSchemes.map((scheme, channel) => ({
        channel: datasetJson.channelNames[channel],
        scheme,
        use_mask: configuration.useMaskForNorm[channel],
      })),
    ),
    [keys.intensityProperties]: JSON.stringify(plansData.intensityProperties),
  };
}

/**
 * Reads the metadata that {@link modelMetadata} encoded.
 *
 * @param bytes An ONNX model.
 * @param path The model's file, for the message.
 * @throws {OpenModelError} If the bytes are not an ONNX model, or the model was not written by this
 * library.
 */
export function readModelMetadata(bytes: Uint8Array, path: string): ModelFacts {
  const { graph, metadataProps } = decoded(bytes, path);
  const outputs = graph?.output.map(({ name }) => name) ?? [];
  if (!outputs.includes(inferenceNames.logits)) {
    const found = outputs.join(", ") || "none";
    throw new OpenModelError(path, `its outputs are ${found}, expected ${inferenceNames.logits}`);
  }
  const metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
  const read = (key: string) => {
    const value = metadata.get(key);
    if (value !== undefined) return value;
    throw new OpenModelError(
      path,
      `its metadata has no "${key}", expected a model written by this library`,
    );
  };
  const texts = { plans: read(keys.plans), dataset: read(keys.dataset) };
  // Early versions stored nothing about mirroring.
  const mirroring = metadata.get(keys.mirrorAxes) ?? "[]";
  const { plans, dataset, mirrorAxes } = orOpenModelError(path, () => ({
    plans: parsePlans(texts.plans),
    dataset: parseDatasetJson(parseJson(texts.dataset), `dataset of ${path}`),
    mirrorAxes: parseJson(mirroring) as number[],
  }));
  const configuration = namedConfiguration(plans, read(keys.configuration), path);
  const sources = { plansData: plans, configuration, datasetJson: dataset, mirrorAxes };
  return orOpenModelError(path, () => modelFacts(sources));
}

function decoded(bytes: Uint8Array, path: string) {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    throw new OpenModelError(path, "it is not an ONNX model, or is truncated", { cause });
  }
}
