/**
 * Lists upstream's trainers of Primus.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/primus/primus_trainers.py
 */

import { primusModels } from "./primus.ts";

/** Names of the models of {@link primusModels} by upstream's trainer class. */
export const primusTrainerModels: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    primusModels.keys().map((model): [string, string] => [trainerOf(model), model]),
  ),
  nnUNet_Primus_M_Trainer_BS8: "PrimusM",
  nnUNet_Primus_M_Trainer_BS8_2e4: "PrimusM",
  // Upstream's benchmarks, which change the patch and the batch.
  _Primus_S_96_BS1: "PrimusS",
  _Primus_B_96_BS1: "PrimusB",
  _Primus_M_96_BS1: "PrimusM",
  _Primus_L_48_BS1: "PrimusL",
};

/** Upstream separates only the first version's size: `nnUNet_Primus_S_Trainer`, `nnUNet_PrimusV2S_Trainer`. */
function trainerOf(model: string): string {
  return `nnUNet_${model.replace(/^Primus(?=[SBML]$)/, "Primus_")}_Trainer`;
}
