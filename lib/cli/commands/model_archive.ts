/** `export_model_to_zip` and `install_pretrained_model_from_zip`. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { describeDatasets, listDatasets } from "../../dataset/list_datasets.ts";
import { modelFolderName } from "../../files/paths.ts";
import { nameSome } from "../../files/some_names.ts";
import { exportModels } from "../../model/export_models.ts";
import { installModels } from "../../model/install_models.ts";
import { exists } from "../../platform/files.ts";
import { parseDatasetId, parseFold } from "../arguments.ts";
import { resolveFolder } from "../folders.ts";
import { printLine } from "../terminal.ts";

interface ExportOptions {
  d: number;
  o: string;
  c?: string[];
  f?: string[];
  p: string;
  tr: string;
  chk?: string[];
  not_strict: boolean;
  exp_cv_preds: boolean;
  root?: string;
}

/** nnU-Net's default configurations. */
const defaultConfigurations = ["3d_lowres", "3d_fullres", "2d", "3d_cascade_fullres"];

export function addExportModelToZip(program: Command): void {
  program.command("export_model_to_zip")
    .description("Pack trained models into a zip file in nnU-Net's format.")
    .requiredOption("-d <dataset>", "number or name of the data set", parseDatasetId)
    .requiredOption("-o <file>", "the zip file to write")
    .option("-c <configurations...>", "configurations to pack, all trained ones by default")
    .option("-f <folds...>", "folds to pack, all trained folds by default")
    .option("-p <plans>", "name of the plans", "nnUNetPlans")
    .option("--tr <trainer>", "name of the trainer", "nnUNetTrainer")
    .option("--chk <files...>", "names of checkpoints, checkpoint_final.pth by default")
    .option("--not_strict", "leave out configurations and folds that are not trained", false)
    .option("--exp_cv_preds", "also pack the label maps of validation and ensembles", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d, o, c, f, p, tr, chk, root, ...options }: ExportOptions) => {
      const results = resolveFolder("results", root);
      const datasets = await listDatasets(results);
      const matches = datasets.filter(({ id }) => id === d);
      if (matches.length === 0) {
        const found = await describeDatasets(results, datasets);
        throw new Error(`Cannot export models of data set ${d}: ${found}`);
      }
      if (matches.length !== 1) {
        throw new Error(
          `Cannot export models: found ${matches.length} data sets ${d} in ${results}, expected one`,
        );
      }
      const files = await exportModels(o, {
        models: (c ?? await trainedConfigurations(matches[0].folder, tr, p))
          .map((name) => join(matches[0].folder, modelFolderName(tr, p, name))),
        folds: f?.map(parseFold),
        checkpoints: chk,
        allowMissing: options.not_strict,
        crossvalPredictions: options.exp_cv_preds,
        onLeftOut: (paths) => printLine(`Leaving out, since not trained: ${nameSome(paths)}`),
      });
      printLine(`${files.length} files in ${o}`);
    });
}

/** Returns nnU-Net's configurations that are trained; all if none is, so that errors name them. */
async function trainedConfigurations(folder: string, trainer: string, plans: string) {
  const trained: string[] = [];
  for (const name of defaultConfigurations) {
    if (await exists(join(folder, modelFolderName(trainer, plans, name)))) trained.push(name);
  }
  return trained.length > 0 ? trained : defaultConfigurations;
}

export function addInstallPretrainedModel(program: Command): void {
  program.command("install_pretrained_model_from_zip")
    .description("Unpack models that this program or nnU-Net packed.")
    .argument("<zip>", "the zip file")
    .option("--overwrite", "replace existing models", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (zip: string, { overwrite, root }: { overwrite: boolean; root?: string }) => {
      const folders = await installModels(zip, resolveFolder("results", root), {
        overwrite,
        onLeftOut: (names) =>
          printLine(
            `Leaving out ${names.length} files that are no part of a model: ${nameSome(names)}`,
          ),
      });
      for (const folder of folders) printLine(`Installed ${folder}`);
    });
}
