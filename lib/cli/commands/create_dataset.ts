/** `create_dataset`: creates a data set from folders of scans and label maps. */

import type { Command } from "../../packages/commander.ts";
import { Dataset } from "../../dataset/dataset.ts";
import type { ClassNames } from "../../dataset/label_names.ts";
import { commaList, wholeNumber } from "../arguments.ts";
import { namingBackground, parseClassNames } from "../class_names.ts";
import { count } from "../../options/count.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { printIgnored } from "../ignored_files.ts";
import { progressBar, StatusLine } from "../status_line.ts";

interface Options {
  d: number;
  n: string;
  images: string;
  labels: string;
  channels: string[];
  names?: TypedNames;
  regions_class_order?: number[];
  overlap_order?: string[];
  series?: string;
  test?: string;
  overwrite: boolean;
  root?: string;
}

/** Names of labels, and how they were typed. */
interface TypedNames {
  readonly text: string;
  readonly classes: ClassNames;
}

export function addCreateDataset(program: Command): void {
  program.command("create_dataset")
    .description("Copy scans and label maps into nnU-Net's layout and write dataset.json.")
    .requiredOption("-d <id>", "number of the data set, 1 to 999", wholeNumber("-d", 1))
    .requiredOption("-n <name>", "name of the data set")
    .requiredOption(
      "--images <dir>",
      "folder of scans CASE.nii.gz, or CASE_0000.nii.gz, … for several channels; also .nii, " +
        ".nrrd, .mha, .gipl, .tif, .png, .bmp, or folders CASE of DICOM slices; .mhd, .nhdr, .hdr " +
        "and .ome.tif are converted",
    )
    .requiredOption(
      "--labels <dir>",
      "folder of label maps, CASE.nii.gz or another format, or of DICOM segmentations or " +
        "structure sets, CASE.dcm or in folders CASE",
    )
    .option("--channels <a,b>", "names of the channels; CT is normalised as CT", commaList, ["MRI"])
    .option(
      "--names <background,x,y>",
      "names of the labels 0, 1, 2, …, or names with integers: x=255, or x=1+2,y=2 for regions",
      (text): TypedNames => ({ text, classes: parseClassNames(text) }),
    )
    .option(
      "--regions_class_order <a,b>",
      "for regions, the integer written for each, in the order of --names",
      (text) => commaList(text).map(wholeNumber("--regions_class_order", 1)),
    )
    .option(
      "--overlap_order <a,b>",
      "for DICOM structures that overlap, their names, later ones drawn over earlier ones",
      commaList,
    )
    .option(
      "--series <series>",
      "series to read from folders of DICOM slices with several: its number, description or UID",
    )
    .option("--test <dir>", "folder of test scans")
    .option("--overwrite", "replace the data set if it exists", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (given: Options) => {
      const { d, n, names, regions_class_order, overlap_order, root, ...options } = given;
      const line = new StatusLine();
      const dataset = await Dataset.create({
        ...options,
        folders: resolveFolders(root),
        id: d,
        name: n,
        classes: names?.classes,
        regionsClassOrder: regions_class_order,
        overlapOrder: overlap_order,
        signal: interruptSignal("Stopped; no data set was written"),
        onIgnored: (ignored) => printIgnored(line, ignored),
        onWarning: (message) => line.print(`Warning: ${message}`),
        onProgress: progressBar(line, "reading and copying"),
      }).catch((error) => {
        throw namingBackground(error, names?.text);
      });
      line.print(
        `${dataset.folder}: ${count(dataset.cases.length, "case")}, labels ` +
          Object.entries(dataset.json.labels).map(([name, value]) => `${value} ${name}`).join(", "),
      );
    });
}
