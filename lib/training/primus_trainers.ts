/**
 * Defines how upstream's trainers of Primus differ from its default trainer, besides the network.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/primus/primus_trainers.py
 */

import { primusTrainerModels } from "../network/primus_trainers.ts";
import { warmedUp } from "./schedule.ts";
import type { TrainerOptions } from "./training_options.ts";

/** AdamW after a linear rise of 50 epochs; Primus has a single output. */
const primus: TrainerOptions = {
  adam: { decoupled: true, betas: [0.9, 0.98], weightDecay: 5e-2, maxGradientNorm: 1 },
  schedule: warmedUp(3e-4),
  deepSupervision: false,
};

/** Options by class name. */
export const primusTrainers: Readonly<Record<string, TrainerOptions>> = {
  ...Object.fromEntries(Object.keys(primusTrainerModels).map((name) => [name, primus])),
  nnUNet_Primus_M_Trainer_BS8_2e4: { ...primus, schedule: warmedUp(2e-4) },
};
