/** How much the notebooks compute in a browser, which the first cell of each sets. */

import type { NotebookSettings } from "../../../../notebooks/settings.ts";

/** What a reader may change. */
export interface PageSettings extends NotebookSettings {
  /** Millimetres between a phantom's voxels. */
  readonly spacing: number;
}

/** The values, which {@link setSettings} replaces. */
export const settings: PageSettings = {
  cases: 10,
  spacing: 1.5,
  epochs: 10,
  iterations: 25,
  validationIterations: 4,
  baseFeatures: 8,
  gpuMemoryTarget: 0.02,
  folds: 2,
  epochsOfMany: 3,
};

/**
 * Changes some of the values.
 *
 * @throws {TypeError} If a name is unknown.
 * @throws {RangeError} If a value is not a positive number.
 */
export function setSettings(given: Partial<PageSettings>): void {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in settings)) {
      throw new TypeError(
        `Cannot open the course: unknown setting ${name}, expected ${
          Object.keys(settings).join(", ")
        }`,
      );
    }
    if (!(value > 0)) {
      throw new RangeError(`Cannot open the course: ${name} is ${value}, expected above 0`);
    }
  }
  Object.assign(settings, given);
}
