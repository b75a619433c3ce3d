/** `plot_overlay_pngs`: draws a slice of each case with its labels. */

import type { Command } from "../../packages/commander.ts";
import { Dataset } from "../../dataset/dataset.ts";
import { writeOverlays } from "../../display/overlay_pictures.ts";
import { configurationOf, whyNoConfiguration } from "../../files/configuration_of.ts";
import { requestedReader } from "../../image/reader.ts";
import { shellLine } from "../../options/shell_quoted.ts";
import { exists } from "../../platform/files.ts";
import { join } from "../../platform/paths.ts";
import { Plans } from "../../plans.ts";
import { parseDatasetId, positiveNumber, wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  d: number;
  o: string;
  np?: number;
  channel_idx?: number;
  use_raw: boolean;
  p: string;
  c?: string;
  overlay_intensity?: number;
  root?: string;
}

export function addPlotOverlayPngs(program: Command): void {
  program.command("plot_overlay_pngs")
    .description("Draw the slice of each case in which its classes are present most, as CASE.png.")
    .requiredOption("-d <dataset>", "number or name of the data set", parseDatasetId)
    .requiredOption("-o <dir>", "folder for the pictures")
    .option(
      "--np <n>",
      "cases drawn in parallel, one per core by default",
      wholeNumber("--np", 1),
    )
    .option("--channel_idx <n>", "channel to draw, 0 by default", wholeNumber("--channel_idx"))
    .option("--use_raw", "draw the scans instead of the preprocessed cases", false)
    .option("-p <plans>", "name of the plans of the preprocessed cases", "nnUNetPlans")
    .option(
      "-c <configuration>",
      "configuration of the preprocessed cases, 3d_fullres by default, or 2d without it",
    )
    .option(
      "--overlay_intensity <n>",
      "how strong the classes' colours are, 0.6 by default",
      positiveNumber("--overlay_intensity"),
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (options: Options) => {
      const line = new StatusLine();
      const pictures = await writeOverlays({
        ...options.use_raw ? await rawCases(options) : await preprocessedCases(options),
        output: options.o,
        channel: options.channel_idx,
        intensity: options.overlay_intensity,
        workers: options.np,
        signal: interruptSignal("Stopped; finished pictures are kept"),
        onProgress: progressBar(line, "drawing"),
      });
      line.print(`${pictures.length} pictures in ${options.o}`);
    });
}

async function rawCases({ d: id, root }: Options) {
  const folders = resolveFolders(root);
  const { cases, json } = await Dataset.open({
    ...{ folders, id },
    variables: (name) => Deno.env.get(name),
  });
  return { cases, reader: requestedReader(json.overwriteImageReaderWriter) };
}

/** Returns the folder of preprocessed cases. @throws {Error} If there is none. */
async function preprocessedCases({ d: id, p: plansName, c, root }: Options) {
  const { folder, plansData } = await Plans.open({ folders: resolveFolders(root), id, plansName });
  const name = c ?? (configurationOf(plansData, "3d_fullres") ? "3d_fullres" : "2d");
  const configuration = configurationOf(plansData, name);
  if (!configuration) {
    throw new Error(`Cannot draw cases of ${name}: ${whyNoConfiguration(plansData, name)}`);
  }
  const cases = join(folder, configuration.dataIdentifier);
  if (await exists(cases)) return { cases };
  const preprocess = shellLine([
    ...["deno", "task", "nnunet", "preprocess", "-d", `${id}`],
    ...plansName === "nnUNetPlans" ? [] : ["-plans_name", plansName],
    ...["-c", name],
    ...root === undefined ? [] : ["--root", root],
  ]);
  throw new Error(
    `Cannot draw cases of ${name}: ${cases} does not exist; run ${preprocess} first, or add --use_raw to draw the scans`,
  );
}
