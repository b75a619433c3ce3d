/** `nnUNet_predict`: version 1's command, translated to `predict`. */

import type { Command } from "../../packages/commander.ts";
import { fileNames } from "../../files/paths.ts";
import { defaultFolds, foldStates } from "../../model/fold_states.ts";
import { shellLine } from "../../options/shell_quoted.ts";
import { positiveNumber, wholeNumber } from "../arguments.ts";
import { findModel } from "../find_model.ts";
import { requireDatasetName } from "../dataset_names.ts";
import { folderIfSet } from "../folders.ts";
import { UsageError } from "../exit_codes.ts";
import { predict, type PredictArguments } from "./predict.ts";
import { withoutUndefined } from "../../files/without_undefined.ts";
import { printLine } from "../terminal.ts";

interface Options {
  i: string;
  o: string;
  t: string;
  m: string;
  f?: string[];
  p?: string;
  tr?: string;
  ctr?: string;
  chk?: string;
  l?: string;
  z?: boolean;
  step_size?: number;
  disable_tta?: boolean;
  overwrite_existing?: boolean;
  num_parts?: number;
  part_id?: number;
  num_threads_preprocessing?: number;
  num_threads_nifti_save?: number;
  root?: string;
}

/** Version 2's names by those of version 1. */
const currentNames: Readonly<Record<string, string>> = {
  nnUNetTrainerV2: "nnUNetTrainer",
  nnUNetTrainerV2CascadeFullRes: "nnUNetTrainer",
  "nnUNetPlansv2.1": "nnUNetPlans",
  model_final_checkpoint: "checkpoint_final.pth",
  model_best: "checkpoint_best.pth",
  model_latest: "checkpoint_latest.pth",
};

export function addPredictVersion1(program: Command): void {
  program.command("nnUNet_predict")
    .description("Version 1's command: print the equivalent predict command and run it.")
    .requiredOption("-i <dir>", "folder of scans")
    .requiredOption("-o <dir>", "folder for the label maps")
    .requiredOption("-t <task>", "number or name of the task")
    .requiredOption("-m <configuration>", "2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres")
    .option("-f <folds...>", "folds to average")
    .option("-p <plans>", "name of the plans")
    .option("--tr <trainer>", "name of the trainer")
    .option("--ctr <trainer>", "name of the cascade's trainer")
    .option("--chk <name>", "name of the checkpoint")
    .option("-l <dir>", "for a cascade, folder of the first stage's label maps")
    .option("-z", "save probabilities")
    .option(
      "--step_size <share>",
      "step between tiles as a fraction of the patch",
      positiveNumber("--step_size"),
    )
    .option("--disable_tta", "do not average over mirrored views")
    .option("--overwrite_existing", "replace label maps that are already in the output folder")
    .option(
      "--num_parts <n>",
      "split the cases into this many parts",
      wholeNumber("--num_parts", 1),
    )
    .option("--part_id <n>", "part of this call, from 0", wholeNumber("--part_id"))
    .option(
      "--num_threads_preprocessing <n>",
      "ignored",
      wholeNumber("--num_threads_preprocessing"),
    )
    .option("--num_threads_nifti_save <n>", "ignored", wholeNumber("--num_threads_nifti_save"))
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (options: Options) => {
      // A task may have got another name when it was converted.
      if (options.t.startsWith("Dataset")) {
        await requireDatasetName(options.t, folderIfSet("results", options.root));
      }
      const current = await withFoundFolds(toPredictArguments(options));
      printLine(`nnUNet_predict is now: ${commandOf(current)}`);
      if (options.num_threads_preprocessing ?? options.num_threads_nifti_save) {
        printLine(
          "Ignoring --num_threads_preprocessing and --num_threads_nifti_save: one case is read " +
            "while another is predicted and a third is saved",
        );
      }
      if (options.tr && options.ctr && options.m === "3d_cascade_fullres") {
        printLine(
          `Ignoring --tr ${options.tr}: the first stage is predicted with the cascade's trainer`,
        );
      }
      await predict(current);
    });
}

/**
 * Translates the options to those of `predict`.
 *
 * @throws {UsageError} If `-t` does not begin with a number, `Task` or `Dataset` and a number.
 */
export function toPredictArguments(options: Options): PredictArguments {
  const { t, m, i, o, f, l, root, step_size, num_parts, part_id } = options;
  const id = Number(/^(?:Task|Dataset)?(\d+)/.exec(t)?.[1]);
  if (!(id >= 1)) {
    throw new UsageError(`Cannot use task ${t}: expected a number, or a name like Task004_Name`);
  }
  const trainer = m === "3d_cascade_fullres" ? options.ctr ?? options.tr : options.tr;
  const current = (name: string | undefined) => name && (currentNames[name] ?? name);
  return withoutUndefined({
    i: [i],
    o,
    d: id,
    c: m,
    f,
    p: current(options.p),
    tr: current(trainer),
    chk: current(options.chk),
    step_size,
    disable_tta: options.disable_tta,
    save_probabilities: options.z,
    // Version 1 kept existing label maps by default.
    continue_prediction: !options.overwrite_existing || undefined,
    prev_stage_predictions: l,
    num_parts,
    part_id,
    root,
  });
}

/** Version 1 averaged all folds that it found, version 2 averages five by default. */
async function withFoundFolds(options: PredictArguments): Promise<PredictArguments> {
  if (options.f) return options;
  const states = await foldStates(await findModel(options, "predict"));
  const folds = defaultFolds(states, options.chk ?? fileNames.checkpointFinal);
  const { i, o, d, c, ...rest } = options;
  return folds.length === 0 ? options : { i, o, d, c, f: folds.map(String), ...rest };
}

/** Formats options of `predict` as a command line. */
function commandOf(options: PredictArguments): string {
  const words = Object.entries(options).flatMap(([name, value]) => [
    `-${name.length > 1 ? "-" : ""}${name}`,
    ...(value === true ? [] : [value].flat().map(String)),
  ]);
  return shellLine(["nnunet", "predict", ...words]);
}
