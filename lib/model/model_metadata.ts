/** What an ONNX model says of itself, so that it can be used without any other file. */

import { formatDatasetJson, parseDatasetJson } from "../files/dataset_json.ts";
import { formatPlans, parsePlans } from "../files/plans_json.ts";
import { decodeModel } from "../graph/encode.ts";
import { inferenceNames } from "./inference_graph.ts";
import type { OpenedModel } from "./open_model.ts";

/** Keys of the metadata; values are JSON but for the configuration's name. */
const keys = {
  configuration: "configuration",
  plans: "plans",
  dataset: "dataset",
  mirrorAxes: "mirror_axes",
  /** For readers without our library: what the plans say, in short. */
  labels: "labels",
  spacing: "spacing_zyx_mm",
  normalization: "normalization",
  intensityProperties: "intensity_properties",
} as const;

type Facts = Pick<OpenedModel, "plans" | "configuration" | "dataset" | "mirrorAxes">;

/**
 * Metadata of a model.
 *
 * @param facts.mirrorAxes Axes to average mirrored views over; none where the model itself does.
 */
export function modelMetadata(
  { plans, configuration, dataset, mirrorAxes }: Facts,
): Record<string, string> {
  return {
    [keys.configuration]: configuration.name,
    [keys.plans]: formatPlans(plans),
    [keys.dataset]: JSON.stringify(formatDatasetJson(dataset)),
    [keys.mirrorAxes]: JSON.stringify(mirrorAxes),
    [keys.labels]: JSON.stringify(dataset.labels),
    [keys.spacing]: JSON.stringify(configuration.spacing),
    [keys.normalization]: JSON.stringify(
      configuration.normalizationSchemes.map((scheme, channel) => ({
        channel: dataset.channelNames[channel],
        scheme,
        use_mask: configuration.useMaskForNorm[channel],
      })),
    ),
    [keys.intensityProperties]: JSON.stringify(plans.intensityProperties),
  };
}

/**
 * The inverse of {@link modelMetadata}.
 *
 * @throws {SyntaxError} If the bytes are no ONNX model, or one of another kind.
 */
export function readModelMetadata(bytes: Uint8Array, path: string): Facts {
  const fail = (found: string, cause?: unknown): never => {
    throw new SyntaxError(`Cannot open model ${path}: ${found}`, { cause });
  };
  let model: ReturnType<typeof decodeModel>;
  try {
    model = decodeModel(bytes);
  } catch (cause) {
    return fail("it is no ONNX model, or is cut short", cause);
  }
  const outputs = model.graph?.output.map(({ name }) => name) ?? [];
  if (!outputs.includes(inferenceNames.logits)) {
    fail(`its outputs are ${outputs.join(", ") || "none"}, expected ${inferenceNames.logits}`);
  }
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key, value]));
  const read = (key: string) =>
    metadata.get(key) ?? fail(`its metadata lack "${key}", expected a model of this library`);
  try {
    const plans = parsePlans(read(keys.plans));
    const name = read(keys.configuration);
    const configuration = Object.values(plans.configurations).find((one) => one.name === name) ??
      fail(`its plans lack the configuration ${name}`);
    return {
      plans,
      configuration,
      dataset: parseDatasetJson(JSON.parse(read(keys.dataset)), `dataset of ${path}`),
      // Models of an early version say nothing of mirroring.
      mirrorAxes: JSON.parse(metadata.get(keys.mirrorAxes) ?? "[]"),
    };
  } catch (cause) {
    const { message } = cause as Error;
    if (message.startsWith("Cannot open model")) throw cause;
    return fail(message, cause);
  }
}
