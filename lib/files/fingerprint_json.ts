/**
 * Parses and formats nnU-Net's `dataset_fingerprint.json`.
 *
 * @see MIC-DKFZ/nnUNet@0e495086
 * nnunetv2/experiment_planning/dataset_fingerprint/fingerprint_extractor.py
 */

import { z } from "../packages/zod.ts";
import type { Fingerprint } from "./plans.ts";
import { intensitySchema, intensityToJson } from "./intensity_json.ts";
import { formatPythonJson, parsePythonJson, PythonFloat } from "./python_json.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

const fingerprintSchema = z.object({
  foreground_intensity_properties_per_channel: intensitySchema,
  median_relative_size_after_cropping: z.number(),
  shapes_after_crop: z.array(z.array(z.number().int())),
  spacings: z.array(z.array(z.number())),
}).transform((json): Fingerprint => ({
  spacings: json.spacings,
  shapesAfterCrop: json.shapes_after_crop,
  medianRelativeSizeAfterCropping: json.median_relative_size_after_cropping,
  intensityProperties: json.foreground_intensity_properties_per_channel,
}));

/** Formats a fingerprint as the text of `dataset_fingerprint.json`. */
export function formatFingerprint(fingerprint: Fingerprint): string {
  return formatPythonJson({
    foreground_intensity_properties_per_channel: intensityToJson(fingerprint.intensityProperties),
    median_relative_size_after_cropping: new PythonFloat(
      fingerprint.medianRelativeSizeAfterCropping,
    ),
    shapes_after_crop: fingerprint.shapesAfterCrop,
    spacings: fingerprint.spacings.map((spacing) => spacing.map((mm) => new PythonFloat(mm))),
  }, { sortKeys: false });
}

/**
 * The inverse of {@link formatFingerprint}.
 *
 * @throws {SyntaxError} If the text holds no fingerprint.
 */
export function parseFingerprint(text: string): Fingerprint {
  const parsed = fingerprintSchema.safeParse(parsePythonJson(text));
  if (!parsed.success) throw new SyntaxError(schemaProblems(parsed.error));
  return parsed.data;
}
