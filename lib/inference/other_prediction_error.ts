/** Defines the error for label maps that another model made. */

import { ErrorWithRemedy } from "../options/error_with_remedy.ts";

/**
 * A prediction is to be continued in a folder whose label maps another model made, or the same model
 * with other settings.
 *
 * @example
 * ```ts ignore
 * import { OtherPredictionError } from "nnunet";
 *
 * await predictor.predictFolder({ input, output, overwrite: false }).catch((error) => {
 *   if (!(error instanceof OtherPredictionError)) throw error;
 *   return predictor.predictFolder({ input, output: `${output}_new` });
 * });
 * ```
 */
export class OtherPredictionError extends ErrorWithRemedy {
  /** The class's name. */
  override readonly name: string = "OtherPredictionError";
  /** The folder. */
  readonly path: string;
  /** In which respects the predictions differ. */
  readonly differences: readonly string[];

  /**
   * Lists the differences in the message.
   *
   * @param path The folder.
   * @param differences In which respects the predictions differ.
   */
  constructor(path: string, differences: readonly string[]) {
    super(
      `Cannot continue the prediction in ${path}: its label maps were made with ` +
        differences.join("; "),
      "predictAnew",
    );
    this.path = path;
    this.differences = differences;
  }
}
