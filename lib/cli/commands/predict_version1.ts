/** `nnUNet_predict`: version 1's command, in today's terms. */

import type { Command } from "commander";
import { positiveNumber, wholeNumber } from "../arguments.ts";
import { predict, type PredictArguments } from "./predict.ts";
import { withoutUndefined } from "../../files/without_undefined.ts";

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

/** Version 1's names of what version 2 calls differently. */
const todaysNames: Readonly<Record<string, string>> = {
  nnUNetTrainerV2: "nnUNetTrainer",
  nnUNetTrainerV2CascadeFullRes: "nnUNetTrainer",
  "nnUNetPlansv2.1": "nnUNetPlans",
  model_final_checkpoint: "checkpoint_final.pth",
  model_best: "checkpoint_best.pth",
  model_latest: "checkpoint_latest.pth",
};

export function addPredictVersion1(program: Command): void {
  program.command("nnUNet_predict")
    .description("Version 1's command: says what it is today, and does that.")
    .requiredOption("-i <dir>", "folder of scans")
    .requiredOption("-o <dir>", "folder for the label maps")
    .requiredOption("-t <task>", "number or name of the task")
    .requiredOption("-m <configuration>", "2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres")
    .option("-f <folds...>", "folds to average")
    .option("-p <plans>", "name of the plans")
    .option("--tr <trainer>", "name of the trainer")
    .option("--ctr <trainer>", "name of the cascade's trainer")
    .option("--chk <name>", "checkpoint")
    .option("-l <dir>", "of a cascade: label maps of the first stage")
    .option("-z", "save probabilities")
    .option("--step_size <share>", "step between tiles", positiveNumber("--step_size"))
    .option("--disable_tta", "do not average over mirrored views")
    .option("--overwrite_existing", "predict again what the output folder has already")
    .option("--num_parts <n>", "share the cases", wholeNumber("--num_parts", 1))
    .option("--part_id <n>", "which part this call is", wholeNumber("--part_id"))
    .option("--num_threads_preprocessing <n>", "not needed any more", wholeNumber("--num_threads"))
    .option("--num_threads_nifti_save <n>", "not needed any more", wholeNumber("--num_threads"))
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(async (options: Options) => {
      const today = inTodaysTerms(options);
      console.log(`nnUNet_predict is today: ${commandOf(today)}`);
      if (options.num_threads_preprocessing ?? options.num_threads_nifti_save) {
        console.log(
          "Threads for preprocessing and saving are not needed: a case is read while another is " +
            "predicted and a third is saved",
        );
      }
      await predict(today);
    });
}

/** The options of `predict` that ask for the same. */
export function inTodaysTerms(options: Options): PredictArguments {
  const { t, m, i, o, f, l, root, step_size, num_parts, part_id } = options;
  const id = Number(/^(?:Task|Dataset)?(\d+)/.exec(t)?.[1]);
  if (!(id >= 1)) {
    throw new RangeError(`Cannot use task ${t}: expected a number, or a name like Task004_Name`);
  }
  const trainer = m === "3d_cascade_fullres" ? options.ctr ?? options.tr : options.tr;
  const today = (name: string | undefined) => name && (todaysNames[name] ?? name);
  return withoutUndefined({
    i: [i],
    o,
    d: id,
    c: m,
    f,
    p: today(options.p),
    tr: today(trainer),
    chk: today(options.chk),
    step_size,
    disable_tta: options.disable_tta,
    save_probabilities: options.z,
    // Version 1 kept what was there unless told otherwise.
    continue_prediction: !options.overwrite_existing || undefined,
    prev_stage_predictions: l,
    num_parts,
    part_id,
    root,
  });
}

/** The command line of `predict` for its options. */
function commandOf(options: PredictArguments): string {
  const words = Object.entries(options).flatMap(([name, value]) => [
    `-${name.length > 1 ? "-" : ""}${name}`,
    ...(value === true ? [] : [value].flat().map(String)),
  ]);
  return ["nnunet", "predict", ...words].join(" ");
}
