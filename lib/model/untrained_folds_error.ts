/** Defines the error for folds that are not trained, or not to the end. */

import { fileNames } from "../files/paths.ts";
import type { FoldName, FoldState } from "./fold_states.ts";
import { OpenModelError } from "./open_model_error.ts";

/** How a message refers to the next steps: as calls of the library, or as commands. */
export interface FoldWording {
  /** What trains a fold of the model, or resumes its training. */
  train(model: string, fold: FoldName, resume: boolean): string;
}

const calls: FoldWording = {
  train: (_, fold, resume) =>
    `new Trainer(plans, configuration, { fold: ${
      typeof fold === "number" ? fold : `"${fold}"`
    } })` +
    `.fit(${resume ? "{ resume: true }" : ""})`,
};

/**
 * Folds of a model that were asked for are not trained, or only their unfinished state is there.
 *
 * @example Predicting with the folds that are trained
 * ```ts ignore
 * import { Predictor, UntrainedFoldsError } from "nnunet";
 *
 * const predictor = await Predictor.open(folder, { folds: [0, 1, 2, 3, 4] }).catch((error) => {
 *   if (!(error instanceof UntrainedFoldsError) || error.trained.length === 0) throw error;
 *   return Predictor.open(folder, { folds: error.trained });
 * });
 * ```
 */
export class UntrainedFoldsError extends OpenModelError {
  /** The checkpoint that each fold needs. */
  readonly checkpoint: string;
  /** The folds that have it. */
  readonly trained: readonly FoldName[];
  /** The folds that were asked for and lack it, with the checkpoints that they have. */
  readonly untrained: readonly FoldState[];
  /** Returns the message in the given wording. */
  readonly describe: (wording: FoldWording) => string;

  /**
   * Describes in the message what each fold lacks, and what to do.
   *
   * @param model The model's folder.
   * @param checkpoint The checkpoint that each fold needs.
   * @param states The folds of the model.
   * @param wanted The folds that were asked for; undefined if any would do.
   */
  constructor(
    model: string,
    checkpoint: string,
    states: readonly FoldState[],
    wanted?: readonly FoldName[],
  ) {
    const has = ({ checkpoints }: FoldState) => checkpoints.includes(checkpoint);
    const trained = states.filter(has).map(({ fold }) => fold);
    const asked =
      wanted?.map((fold) =>
        states.find((state) => state.fold === fold) ?? { fold, checkpoints: [] }
      ) ?? states;
    const untrained = asked.filter((state) => !has(state));
    const describe = (wording: FoldWording) =>
      describeFolds(model, checkpoint, { trained, untrained }, wording);
    super(model, describe(calls));
    this.checkpoint = checkpoint;
    this.trained = trained;
    this.untrained = untrained;
    this.describe = (wording) => `Cannot open model ${model}: ${describe(wording)}`;
  }
}

function describeFolds(
  model: string,
  checkpoint: string,
  { trained, untrained }: Pick<UntrainedFoldsError, "trained" | "untrained">,
  { train }: FoldWording,
): string {
  const begun = untrained.filter(({ checkpoints }) => checkpoints.length > 0);
  const missing = untrained.filter(({ checkpoints }) => checkpoints.length === 0);
  const found = [
    ...begun.map(({ fold, checkpoints }) =>
      `fold ${fold} has ${checkpoints.join(", ")}, but no ${checkpoint}`
    ),
    ...missing.length > 0
      ? [`${foldList(missing.map(({ fold }) => fold))} not trained`]
      : untrained.length === 0
      ? [`found no fold with ${checkpoint}, expected a trained one`]
      : [],
  ];
  const steps: string[] = [];
  if (trained.length > 0) {
    steps.push(`predict with the trained ones, \`folds: [${list(trained)}]\``);
  }
  const [first] = begun;
  if (first) {
    const other = first.checkpoints[0];
    if (checkpoint === fileNames.checkpointFinal) {
      steps.push(`finish fold ${first.fold} with ${train(model, first.fold, true)}`);
    }
    steps.push(`use what it has, \`checkpoint: "${other}"\``);
  } else if (missing.length > 0) {
    steps.push(`train fold ${missing[0].fold} with ${train(model, missing[0].fold, false)}`);
  }
  const next = steps.length > 0 ? `; ${steps.join(", or ")}` : "";
  return `${found.join("; ")}${next}`;
}

function foldList(folds: readonly FoldName[]): string {
  return folds.length === 1 ? `fold ${folds[0]} is` : `folds ${folds.join(", ")} are`;
}

function list(folds: readonly FoldName[]): string {
  return folds.map((fold) => fold === "all" ? '"all"' : fold).join(", ");
}
