/** Validates a trained fold, for the next stage of a cascade as well, and logs the scores. */

import { join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import type { Configuration, PlansData } from "../files/plans.ts";
import { nameSome } from "../files/some_names.ts";
import type { EvaluationSummary } from "../files/summary.ts";
import { type PlannedValidation, planValidation } from "../inference/validate_fold.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { count } from "../options/count.ts";
import type { Device } from "../runtime/device.ts";
import type { ValidationOptions } from "./fit_options.ts";
import type { FoldData } from "./fold/fold_data.ts";
import type { MissingCasesError } from "./fold/missing_cases_error.ts";
import { findNextStages } from "./fold/next_stage.ts";
import { addValidation, addWarning } from "./log_files.ts";

/** A trained fold. */
export interface TrainedFold {
  readonly plans: { readonly folder: string; readonly plansData: PlansData };
  readonly configuration: Configuration;
  /** Folder of the model's results. */
  readonly modelFolder: string;
  /** Folder of the fold's results. */
  readonly folder: string;
  /** The network for inference; its buffer is transferred. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly facts: ModelFacts;
  readonly data: FoldData;
  readonly threads?: number;
  readonly device: Device;
}

/** A validation that is planned and can be run once. */
export class FoldValidation {
  /** What users should know beforehand, as sentences. */
  readonly notices: readonly string[];
  /** Number of cases that the network has predicted before. */
  readonly keptCases: number;
  readonly #run: () => Promise<EvaluationSummary>;

  private constructor(
    planned: PlannedValidation,
    cases: number,
    run: () => Promise<EvaluationSummary>,
  ) {
    this.notices = noticesOf(planned, cases);
    this.keptCases = planned.kept.length;
    this.#run = run;
  }

  /** Finds out what is done already, and which cases the next stage lacks. */
  static async plan(
    { plans: { folder, plansData }, ...trained }: TrainedFold,
    { saveProbabilities, overwrite, signal, onProgress, onWarning }: ValidationOptions,
  ): Promise<FoldValidation> {
    const { configuration, modelFolder, data: { folder: casesFolder, split, previousStage } } =
      trained;
    const cases = split.validation;
    const next = await findNextStages({
      folder,
      plansData,
      configuration,
      modelFolder,
      cases,
    });
    const planned = await planValidation({
      model: trained.model,
      facts: trained.facts,
      casesFolder,
      cases,
      previousStageFolder: previousStage?.folder,
      nextStages: next.stages,
      groundTruth: join(folder, fileNames.groundTruth),
      folder: trained.folder,
      saveProbabilities,
      overwrite,
      threads: trained.threads,
      device: trained.device,
      signal,
      onProgress,
    });
    return new FoldValidation(planned, cases.length, async () => {
      const warn = async (message: string, reason?: MissingCasesError) => {
        await addWarning(trained.folder, message);
        onWarning?.(message, reason);
      };
      for (const reason of next.unknown) {
        await warn(`Writing no segmentations for the next stage ${reason}`);
      }
      for (const missing of next.missing) await warn(missing.message, missing);
      if (planned.removed.length > 0) {
        await warn(
          `Removing validation predictions of ${nameSome(planned.removed)}, which the fold does ` +
            "not validate on",
        );
      }
      const summary = await planned.run();
      if (!planned.isFinished) await addValidation(trained.folder, summary);
      return summary;
    });
  }

  /** Predicts the remaining cases and returns the scores of all. */
  run(): Promise<EvaluationSummary> {
    return this.#run();
  }
}

function noticesOf({ kept, isFinished }: PlannedValidation, cases: number): string[] {
  const notices: string[] = [];
  if (isFinished) {
    notices.push(`The predictions of ${count(cases, "validation case")} are complete and scored`);
  } else if (kept.length > 0) {
    notices.push(
      `Keeping the predictions of ${kept.length} of ${
        count(cases, "validation case")
      }, which this ` +
        "model made before",
    );
  }
  return notices;
}
