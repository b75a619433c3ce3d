/** Finds a model's configuration by name. */

import type { Configuration, PlansData } from "../files/plans.ts";
import { OpenModelError } from "./open_model_error.ts";

/**
 * Finds the configuration that a checkpoint or an ONNX model names.
 *
 * @param plans The model's plans.
 * @param name The configuration's name, such as `3d_fullres`.
 * @param path The model's folder or file, for the message.
 * @throws {OpenModelError} If the plans have no such configuration.
 */
export function namedConfiguration(
  { configurations }: PlansData,
  name: string,
  path: string,
): Configuration {
  const found = Object.values(configurations).find((each) => each.name === name);
  if (found) return found;
  const names = Object.keys(configurations).join(", ");
  throw new OpenModelError(path, `its plans have the configurations ${names}, expected ${name}`);
}
