/** Finds a model's configuration by name. */

import type { Configuration, PlansData } from "../files/plans.ts";
import { configurationOf, whyNoConfiguration } from "../files/configuration_of.ts";
import { OpenModelError } from "./open_model_error.ts";

/**
 * Finds the configuration that a checkpoint or an ONNX model names.
 *
 * @param plans The model's plans.
 * @param name The configuration's name, such as `3d_fullres`.
 * @param path The model's folder or file, for the message.
 * @throws {OpenModelError} If the plans have no such configuration, or it is not supported.
 */
export function namedConfiguration(plans: PlansData, name: string, path: string): Configuration {
  const found = configurationOf(plans, name);
  if (found) return found;
  throw new OpenModelError(
    path,
    `it is of the configuration ${name}, but ${whyNoConfiguration(plans, name)}`,
  );
}
