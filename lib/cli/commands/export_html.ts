/** `export_html`: writes trained models as a web page that segments scans. */

import { join } from "../../platform/paths.ts";
import type { Command } from "../../packages/commander.ts";
import { exportHtml, type ExportHtmlOptions } from "../../browser/export_html.ts";
import { readInferenceInformation } from "../../ensembling/read_inference_information.ts";
import { fileNames } from "../../files/paths.ts";
import { readPostprocessing } from "../../files/postprocessing_file.ts";
import { exists } from "../../platform/files.ts";
import { parseDatasetId, parseFold } from "../arguments.ts";
import { UsageError } from "../exit_codes.ts";
import { datasetFolder, defaultFoldsOf, findModel } from "../find_model.ts";
import { printLine } from "../terminal.ts";

interface Options {
  o: string;
  d?: number;
  c?: string[];
  model?: string;
  f?: string[];
  p?: string;
  tr?: string;
  chk?: string;
  folder: boolean;
  root?: string;
}

export function addExportHtml(program: Command): void {
  program.command("export_html")
    .description(
      "Write a model as a web page that segments scans on the reader's computer, with no " +
        "installation and no server.",
    )
    .requiredOption("-o <path>", "the .html file to write; with --folder, the folder")
    .option("-d <dataset>", "number or name of the data set", parseDatasetId)
    .option(
      "-c <configurations...>",
      "2d, 3d_fullres, 3d_lowres or 3d_cascade_fullres; several are an ensemble; by default those " +
        "that find_best_configuration chose, with their postprocessing",
    )
    .option("--model <path>", "results folder, checkpoint (.pth) or .onnx, instead of -d and -c")
    .option(
      "-f <folds...>",
      "folds to average, 0 1 2 3 4 by default; all for a training on all cases",
    )
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--tr <trainer>", "name of the trainer, nnUNetTrainer by default")
    .option("--chk <file>", "name of the checkpoint, checkpoint_final.pth by default")
    .option(
      "--folder",
      "write a folder with index.html, for sites that allow no scripts inside pages",
      false,
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (options: Options) => {
      const { o, chk, folder } = options;
      const chosen = options.d !== undefined && !options.c && !options.model
        ? await bestModels(options)
        : await namedModels(options);
      await exportHtml(o, { ...chosen, checkpoint: chk, asFolder: folder });
      printLine(`Wrote ${folder ? join(o, "index.html") : o}`);
    });
}

type Chosen = Pick<
  ExportHtmlOptions,
  "models" | "folds" | "voting" | "postprocessing" | "summary"
>;

/** The models that the options name. */
async function namedModels({ c, f, ...options }: Options): Promise<Chosen> {
  const configurations = c ?? [undefined];
  const models: string[] = [];
  for (const configuration of configurations) {
    models.push(await findModel({ ...options, c: configuration }, "export"));
  }
  return { models, folds: f?.map(parseFold) ?? defaultFoldsOf(models[0]) };
}

/** What `predict_best` predicts with. */
async function bestModels(options: Options): Promise<Chosen> {
  const other = (["f", "p", "tr"] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(
      `Cannot export: -${other === "tr" ? "-tr" : other} is for a configuration; pass -c as well`,
    );
  }
  const { best, folds, voting, postprocessingFile } = await readInferenceInformation(
    await datasetFolder(options.d!, "export", options.root),
  );
  const summary = join(best.folder, fileNames.summary);
  return {
    models: best.models,
    folds,
    voting,
    postprocessing: await readPostprocessing(postprocessingFile),
    ...await exists(summary) && { summary },
  };
}
