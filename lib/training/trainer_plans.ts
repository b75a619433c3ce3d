/**
 * Changes plans as some of upstream's trainers do: these train with another batch or patch than the
 * plans', and store the changed plans with the model.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/primus/primus_trainers.py
 */

import { configurationOf } from "../files/configuration_of.ts";
import type { Configuration, PlansData } from "../files/plans.ts";

type Sizes = Partial<Pick<Configuration, "batchSize" | "patchSize">>;

const cube = (extent: number) => [extent, extent, extent];

/** What trainers change, by the name of upstream's class. */
export const trainerSizes: Readonly<Record<string, Sizes>> = {
  nnUNet_Trainer_BS8: { batchSize: 8 },
  nnUNet_Primus_M_Trainer_BS8: { batchSize: 8 },
  nnUNet_Primus_M_Trainer_BS8_2e4: { batchSize: 8 },
  _Primus_S_96_BS1: { batchSize: 1, patchSize: cube(96) },
  _Primus_B_96_BS1: { batchSize: 1, patchSize: cube(96) },
  _Primus_M_96_BS1: { batchSize: 1, patchSize: cube(96) },
  _Primus_L_48_BS1: { batchSize: 1, patchSize: cube(48) },
};

/**
 * Returns the plans that a trainer trains a configuration with. A patch keeps its number of axes.
 *
 * @param trainer Name of upstream's class.
 * @param plans The data set's plans.
 * @param name Name of the configuration.
 */
export function plansOfTrainer(trainer: string, plans: PlansData, name: string): PlansData {
  const configuration = configurationOf(plans, name);
  if (!configuration || !Object.hasOwn(trainerSizes, trainer)) return plans;
  const { batchSize = configuration.batchSize, patchSize } = trainerSizes[trainer];
  const changed = {
    ...configuration,
    batchSize,
    patchSize: patchSize?.length === configuration.patchSize.length
      ? patchSize
      : configuration.patchSize,
  };
  return { ...plans, configurations: { ...plans.configurations, [name]: changed } };
}
