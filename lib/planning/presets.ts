/**
 * nnU-Net's planners: which network each plans, and what was measured to fit which GPU.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/experiment_planning/experiment_planners, its default planner and
 * residual_unets/residual_encoder_unet_planners.py
 */

import { plainUnet } from "./plain_unet.ts";
import type { Architecture, ConfigurationName } from "../files/plans.ts";
import { residualEncoderUnet } from "./residual_encoder_unet.ts";
import type { Topology } from "./topology.ts";

/** What sets one planner apart from another. */
export interface Preset {
  readonly plansName: string;
  /** Default GPU memory to plan for, in GB as `referenceMemory` counts. */
  readonly gpuMemoryTarget: number;
  /** Size in GB, by its name, of the GPU on which `referenceElements` were measured to fit. */
  readonly referenceMemory: number;
  /** Elements of feature maps by the network's dimensions. */
  readonly referenceElements: { readonly 2: number; readonly 3: number };
  /** Share of the data set's voxels that one batch may hold at most; more would overfit. */
  readonly maxDatasetShare: number;
  /** Shrink a patch until the reference's whole batch fits, instead of a batch of two. */
  readonly shrinksToWholeBatch: boolean;
  /** Configurations that are preprocessed as the default planner's, and share its data. */
  readonly sharesData: readonly ConfigurationName[];
  network(topology: Pick<Topology, "strides" | "kernelSizes">, baseFeatures: number): Architecture;
}

const residual = {
  gpuMemoryTarget: 8,
  referenceMemory: 8,
  referenceElements: { 2: 135e6, 3: 680e6 },
  maxDatasetShare: 1,
  shrinksToWholeBatch: true,
  sharesData: ["2d", "3d_fullres"],
  network: residualEncoderUnet,
} as const;

/** By the names of upstream's classes, which plans and the command line use. */
export const presets = {
  ExperimentPlanner: {
    plansName: "nnUNetPlans",
    gpuMemoryTarget: 8,
    referenceMemory: 8,
    referenceElements: { 2: 85e6, 3: 560e6 },
    maxDatasetShare: 0.05,
    shrinksToWholeBatch: false,
    sharesData: [],
    network: plainUnet,
  },
  ResEncUNetPlanner: { ...residual, plansName: "nnUNetResEncUNetPlans", maxDatasetShare: 0.05 },
  nnUNetPlannerResEncM: { ...residual, plansName: "nnUNetResEncUNetMPlans" },
  nnUNetPlannerResEncL: {
    ...residual,
    plansName: "nnUNetResEncUNetLPlans",
    gpuMemoryTarget: 24,
    referenceMemory: 24,
    referenceElements: { 2: 380e6, 3: 2100e6 },
  },
  nnUNetPlannerResEncXL: {
    ...residual,
    plansName: "nnUNetResEncUNetXLPlans",
    gpuMemoryTarget: 40,
    referenceMemory: 40,
    referenceElements: { 2: 560e6, 3: 3600e6 },
  },
} as const satisfies Record<string, Preset>;

/** A planner's name. */
export type PresetName = keyof typeof presets;

/** Names of all planners. */
export const presetNames = Object.keys(presets) as PresetName[];
