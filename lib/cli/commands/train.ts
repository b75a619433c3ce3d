/** `train`: one fold of one configuration. */

import type { Command } from "commander";
import { Plans } from "../../plans.ts";
import type { ConfigurationName } from "../../planning/plans.ts";
import { Trainer } from "../../trainer.ts";
import { parseFold, wholeNumber } from "../arguments.ts";
import { resolveFolders } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { StatusLine } from "../status_line.ts";
import { formatEpoch, formatTrainingProgress } from "../training_progress.ts";

interface Options {
  p?: string;
  c: boolean;
  epochs?: number;
  iterations?: number;
  val_iterations?: number;
  seed?: number;
  root?: string;
}

export function addTrain(program: Command): void {
  program.command("train")
    .description("Train one fold. Ctrl-C keeps the state; --c goes on from it.")
    .argument("<dataset_id>", "number of the data set", wholeNumber("dataset id", 1))
    .argument("<configuration>", "3d_fullres or 2d")
    .argument("<fold>", "0 to 4, or all", parseFold)
    .option("-p <plans>", "name of the plans, nnUNetPlans by default")
    .option("--c", "continue from the fold's last checkpoint", false)
    .option("--epochs <n>", "1000 by default", wholeNumber("--epochs", 1))
    .option(
      "--iterations <n>",
      "training steps an epoch, 250 by default",
      wholeNumber("--iterations", 1),
    )
    .option(
      "--val_iterations <n>",
      "validation steps an epoch, 50 by default",
      wholeNumber("--val_iterations", 1),
    )
    .option("--seed <n>", "random numbers follow from it, 0 by default", wholeNumber("--seed"))
    .option("--root <dir>", "folder with nnUNet_raw and the other two")
    .action(
      async (
        id: number,
        configuration: ConfigurationName,
        fold: number | "all",
        options: Options,
      ) => {
        const plans = await Plans.open({
          folders: resolveFolders(options.root),
          id,
          plansName: options.p,
        });
        const trainer = new Trainer(plans, configuration, {
          fold,
          epochs: options.epochs,
          iterations: options.iterations,
          validationIterations: options.val_iterations,
          seed: options.seed,
        });
        const line = new StatusLine();
        const signal = interruptSignal(
          `Stopped; the state is in ${trainer.folder}, and --c goes on from it`,
        );
        const epochs = trainer.fit({
          signal,
          resume: options.c,
          onProgress: (progress) => line.show(formatTrainingProgress(progress)),
        });
        for await (const epoch of epochs) line.print(formatEpoch(epoch));
        line.print(`trained: ${trainer.folder}`);
      },
    );
}
