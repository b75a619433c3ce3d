/** The program `nnunet`: nnU-Net v2's commands on top of the library's objects. */

import { Command } from "../packages/commander.ts";
import { addCompletions } from "./commands/completions.ts";
import { addConvertMsdDataset } from "./commands/convert_msd_dataset.ts";
import { addConvertOldDataset } from "./commands/convert_old_dataset.ts";
import { addCreateDataset } from "./commands/create_dataset.ts";
import { addDevices } from "./commands/devices.ts";
import { addDownloadPretrainedModel } from "./commands/download_pretrained_model.ts";
import { addEnsemble } from "./commands/ensemble.ts";
import {
  addAccumulateCrossvalResults,
  addFindBestConfiguration,
} from "./commands/find_best_configuration.ts";
import { addExportHtml } from "./commands/export_html.ts";
import { addExportOnnx } from "./commands/export_onnx.ts";
import { addExportModelToZip, addInstallPretrainedModel } from "./commands/model_archive.ts";
import { addEvaluateFolder, addEvaluateSimple } from "./commands/evaluate_folder.ts";
import { addExtractFingerprint } from "./commands/extract_fingerprint.ts";
import { addInstallCuda } from "./commands/install_cuda.ts";
import { addLaunch } from "./commands/launch.ts";
import { addMovePlansBetweenDatasets } from "./commands/move_plans_between_datasets.ts";
import { addPlanAndPreprocess } from "./commands/plan_and_preprocess.ts";
import { addPlanExperiment } from "./commands/plan_experiment.ts";
import { addApplyPostprocessing, addDeterminePostprocessing } from "./commands/postprocessing.ts";
import { addPlotOverlayPngs } from "./commands/plot_overlay_pngs.ts";
import { addPredict, addPredictFromModelfolder } from "./commands/predict.ts";
import { addPredictBest } from "./commands/predict_best.ts";
import { addPredictVersion1 } from "./commands/predict_version1.ts";
import { addPreprocess } from "./commands/preprocess.ts";
import { addTrain } from "./commands/train.ts";
import { addUpgrade } from "./commands/upgrade.ts";
import { exitCodesHelp } from "./exit_codes.ts";
import { writeOutput } from "./output.ts";
import { printError } from "./terminal.ts";
import { version } from "../launch/version.ts";

/** Creates the program with all its commands. */
export function createProgram(): Command {
  const program = new Command("nnunet")
    // Errors are thrown rather than exiting the process. Commands inherit this and what follows.
    .exitOverride()
    // What is typed may contain pasted control characters.
    .configureOutput({
      writeOut: writeOutput,
      writeErr: (text) => printError(text.trimEnd()),
      outputError: (text) => printError(text.trimEnd()),
    })
    .version(`nnunet ${version}`)
    .description("nnU-Net in TypeScript: plan, train, predict and evaluate.")
    .addHelpText(
      "after",
      "\nFolders: pass --root DIR to a command, or set nnUNet_raw, nnUNet_preprocessed and " +
        "nnUNet_results.\n" + exitCodesHelp,
    );
  addCreateDataset(program);
  addConvertMsdDataset(program);
  addConvertOldDataset(program);
  addPlanAndPreprocess(program);
  addExtractFingerprint(program);
  addPlanExperiment(program);
  addMovePlansBetweenDatasets(program);
  addPreprocess(program);
  addTrain(program);
  addPredict(program);
  addPredictFromModelfolder(program);
  addAccumulateCrossvalResults(program);
  addFindBestConfiguration(program);
  addPredictBest(program);
  addLaunch(program);
  addEnsemble(program);
  addPredictVersion1(program);
  addExportOnnx(program);
  addExportHtml(program);
  addExportModelToZip(program);
  addInstallPretrainedModel(program);
  addDownloadPretrainedModel(program);
  addEvaluateFolder(program);
  addEvaluateSimple(program);
  addDeterminePostprocessing(program);
  addApplyPostprocessing(program);
  addPlotOverlayPngs(program);
  addDevices(program);
  addInstallCuda(program);
  addCompletions(program);
  addUpgrade(program);
  return program;
}
