/**
 * Writes `inference_information.json` and `inference_instructions.txt`: the best models and how to
 * predict with them.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/evaluation/find_best_configuration.py
 */

import { basename, dirname, join } from "../platform/paths.ts";
import { fileNames } from "../files/paths.ts";
import { shellLine, shellQuoted } from "../options/shell_quoted.ts";
import { formatPythonJson, PythonFloat } from "../files/python_json.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import type { BestConfiguration } from "./find_best_configuration.ts";
import { identityOf } from "./trained_model.ts";
import type { Voting } from "./voting.ts";

/** The best configuration and the options it was chosen with. */
export interface InferenceInformation extends BestConfiguration {
  /** Folders of the models that were considered. */
  readonly models: readonly string[];
  readonly folds: readonly number[];
  readonly voting: Voting;
  /** The parent of nnU-Net's folders, if commands are to name it as `--root`. */
  readonly root?: string;
}

/**
 * Writes both files to the parent folder of the models.
 *
 * @returns Paths of the files.
 */
export async function writeInferenceInformation(
  information: InferenceInformation,
): Promise<{ readonly json: string; readonly instructions: string }> {
  const folder = dirname(information.models[0]);
  const paths = {
    json: join(folder, fileNames.inferenceInformation),
    instructions: join(folder, fileNames.inferenceInstructions),
  };
  await writeFileAtomically(paths.json, formatInferenceInformation(information));
  await writeFileAtomically(paths.instructions, formatInstructions(information));
  return paths;
}

/** Formats `inference_information.json`: nnU-Net's keys, and `voting` if it is not soft. */
function formatInferenceInformation(information: InferenceInformation): string {
  const { models, folds, voting, candidates, best, postprocessing } = information;
  return formatPythonJson({
    folds,
    dataset_name_or_id: datasetName(information),
    considered_models: models.map((model) => ({ ...identityOf(model) })),
    ensembling_allowed: candidates.some((each) => each.models.length > 1),
    all_results: Object.fromEntries(
      candidates.map(({ name, score }) => [name, new PythonFloat(score)]),
    ),
    best_model_or_ensemble: {
      result_on_crossval_pre_pp: new PythonFloat(best.score),
      result_on_crossval_post_pp: new PythonFloat(postprocessing.after.foregroundMean.dice),
      postprocessing_file: information.postprocessingFile,
      some_plans_file: join(best.folder, fileNames.resultPlans),
      selected_model_or_models: best.models.map(identityOf)
        .map(({ configuration, trainer, plans }) => ({
          configuration,
          trainer,
          plans_identifier: plans,
        })),
    },
    ...voting === "soft" ? {} : { voting },
  });
}

/** Formats the commands to predict new scans with the best models. */
export function formatInstructions(information: InferenceInformation): string {
  const { best, folds, voting, root, postprocessing, postprocessingFile } = information;
  const id = Number(datasetName(information).match(/^Dataset(\d+)_/)?.[1]);
  const isEnsemble = best.models.length > 1;
  const outputs = best.models.map((_, index) =>
    isEnsemble ? `OUTPUT_FOLDER_MODEL_${index + 1}` : "OUTPUT_FOLDER"
  );
  const predict = best.models.map((model, index) => {
    const { trainer, plans, configuration } = identityOf(model);
    return `nnunet predict -d ${id} -i INPUT_FOLDER -o ${outputs[index]} -f ${folds.join(" ")} ` +
      shellLine([
        ...["-tr", trainer, "-c", configuration, "-p", plans],
        ...isEnsemble ? ["--save_probabilities"] : [],
        ...root === undefined ? [] : ["--root", root],
      ]);
  });
  const lines = [
    `${best.name} scored best: mean Dice ${best.score.toFixed(5)}, ` +
    `${postprocessing.after.foregroundMean.dice.toFixed(5)} after postprocessing.`,
    "",
    isEnsemble ? "Predict with each member:" : "Predict:",
    "",
    ...predict,
  ];
  const dataset = shellQuoted(join(best.folder, fileNames.dataset));
  if (isEnsemble) {
    const how = voting === "soft" ? "" : ` --voting ${voting}`;
    lines.push(
      ...["", "Merge the predictions:", ""],
      `nnunet ensemble -i ${outputs.join(" ")} -o OUTPUT_FOLDER -dataset_json ${dataset}${how}`,
    );
  }
  lines.push(
    ...["", "Postprocess them:", ""],
    `nnunet apply_postprocessing -i OUTPUT_FOLDER -o OUTPUT_FOLDER_PP ` +
      `-pp_pkl_file ${shellQuoted(postprocessingFile)} ` +
      `-plans_json ${shellQuoted(join(best.folder, fileNames.resultPlans))} ` +
      `-dataset_json ${dataset}`,
  );
  return lines.join("\n") + "\n";
}

function datasetName({ models }: InferenceInformation): string {
  return basename(dirname(models[0]));
}
