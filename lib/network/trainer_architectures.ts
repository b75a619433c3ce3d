/**
 * Lists upstream's trainers that build another network than the one in the plans, so that their
 * checkpoints are used with it.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/training/nnUNetTrainer/variants/network_architecture and
 * primus
 */

import type { Architecture } from "../files/plans.ts";
import { primusTrainerModels } from "./primus_trainers.ts";

/** Returns a trainer's architecture from that of the plans. */
type ArchitectureChange = (planned: Architecture) => Architecture;

/** Changes by the name of upstream's class. */
export const trainerArchitectures: Readonly<Record<string, ArchitectureChange>> = {
  nnUNetTrainerBN: (planned) => ({
    ...planned,
    normalization: { over: "batch", epsilon: 1e-5, affine: true },
  }),
  ...Object.fromEntries(
    Object.entries(primusTrainerModels).map(([name, model]): [string, ArchitectureChange] => [
      name,
      (planned) => ({
        ...planned,
        networkClassName: `dynamic_network_architectures.architectures.primus.${model}`,
      }),
    ]),
  ),
};

/** Returns the architecture that a trainer builds: that of the plans, unless it is listed here. */
export function architectureOfTrainer(trainer: string, planned: Architecture): Architecture {
  return Object.hasOwn(trainerArchitectures, trainer)
    ? trainerArchitectures[trainer](planned)
    : planned;
}
