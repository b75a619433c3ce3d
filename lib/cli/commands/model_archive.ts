/** `export_model_to_zip` and `install_pretrained_model_from_zip`. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { describeDatasets, listDatasets } from "../../dataset/list_datasets.ts";
import { modelFolderName } from "../../files/paths.ts";
import { nameSome } from "../../files/some_names.ts";
import { exportModels } from "../../model/export_models.ts";
import { installModels } from "../../model/install_models.ts";
import { parseDatasetId, parseFold } from "../arguments.ts";
import { resolveFolder } from "../folders.ts";
import { printLine } from "../terminal.ts";

interface ExportOptions {
  d: number;
  o: string;
  c: string[];
  f?: string[];
  p: string;
  tr: string;
  chk?: string[];
  root?: string;
}

export function addExportModelToZip(program: Command): void {
  program.command("export_model_to_zip")
    .description("Pack trained models into a zip file in nnU-Net's format.")
    .requiredOption("-d <dataset>", "number or name of the data set", parseDatasetId)
    .requiredOption("-o <file>", "the zip file to write")
    .option("-c <configurations...>", "configurations to pack", ["3d_fullres"])
    .option("-f <folds...>", "folds to pack, all trained folds by default")
    .option("-p <plans>", "name of the plans", "nnUNetPlans")
    .option("--tr <trainer>", "name of the trainer", "nnUNetTrainer")
    .option("--chk <files...>", "names of checkpoints, checkpoint_final.pth by default")
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ d, o, c, f, p, tr, chk, root }: ExportOptions) => {
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
        models: c.map((name) => join(matches[0].folder, modelFolderName(tr, p, name))),
        folds: f?.map(parseFold),
        checkpoints: chk,
      });
      printLine(`${files.length} files in ${o}`);
    });
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
