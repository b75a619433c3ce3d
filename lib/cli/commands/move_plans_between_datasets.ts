/** `move_plans_between_datasets`: gives a data set the plans of another. */

import type { Command } from "../../packages/commander.ts";
import { Dataset } from "../../dataset/dataset.ts";
import { datasetFolderName, fileNames } from "../../files/paths.ts";
import { describeReplacedPlans, plansTextIn } from "../../files/replaced_plans.ts";
import { movePlans } from "../../planning/move_plans.ts";
import { shellQuoted } from "../../options/shell_quoted.ts";
import { exists, readTextFile } from "../../platform/files.ts";
import { dirname, join } from "../../platform/paths.ts";
import { parseDatasetId, plansName } from "../arguments.ts";
import { asTyped } from "../command_wording.ts";
import { resolveFolders } from "../folders.ts";
import { printLine } from "../terminal.ts";

interface Options {
  s: number;
  t: number;
  sp: string;
  tp?: string;
  root?: string;
}

export function addMovePlansBetweenDatasets(program: Command): void {
  program.command("move_plans_between_datasets")
    .description("Copy plans to another data set, so that it is preprocessed alike.")
    .requiredOption("-s <dataset>", "number or name of the data set with the plans", parseDatasetId)
    .requiredOption("-t <dataset>", "number or name of the data set that gets them", parseDatasetId)
    .requiredOption("--sp <plans>", "name of the plans, such as nnUNetPlans", plansName("-sp"))
    .option(
      "--tp <plans>",
      "their name in the other data set, the same by default",
      plansName("-tp"),
    )
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async ({ s: source, t: id, sp, tp = sp, root }: Options) => {
      const folders = resolveFolders(root);
      const target = await Dataset.open({ folders, id, variables: (name) => Deno.env.get(name) });
      const folder = join(folders.preprocessed, datasetFolderName(target.id, target.name));
      const before = await plansTextIn(join(folder, fileNames.plans(tp)));
      const path = await movePlans({
        ...{ folders, source, target },
        plansName: sp,
        targetPlansName: tp,
      });
      printLine(`Wrote ${path}`);
      const replaced = describeReplacedPlans(path, before, await readTextFile(path));
      if (replaced !== undefined) printLine(`Warning: ${replaced}`);
      const place = root === undefined ? "" : ` --root ${shellQuoted(root)}`;
      const isRead = await exists(join(dirname(path), fileNames.fingerprint));
      const steps = [
        ...isRead ? [] : [`deno task nnunet extract_fingerprint -d ${id}${place}`],
        `deno task nnunet preprocess -d ${id} -plans_name ${shellQuoted(tp)}${place}`,
      ];
      printLine(asTyped(`Next: ${steps.join("\n      ")}`));
    });
}
