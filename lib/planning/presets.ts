/**
 * nnU-Net's planners: the network and resampling of each, and reference measurements on a GPU.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/experiment_planning/experiment_planners, its default planner and
 * residual_unets/residual_encoder_unet_planners.py
 */

import { plainUnet } from "./plain_unet.ts";
import type { Architecture, ConfigurationName } from "../files/plans.ts";
import {
  noResampling,
  type PlannedResampling,
  torchResampling,
  torchSliceResampling,
} from "../files/resampling.ts";
import { residualEncoderUnet } from "./residual_encoder_unet.ts";
import type { Topology } from "./topology.ts";

/** The settings in which planners differ. */
export interface Preset {
  readonly plansName: string;
  /** Default GPU memory to plan for, in GB, relative to `referenceMemory`. */
  readonly gpuMemoryTarget: number;
  /** Nominal memory in GB of the GPU on which `referenceElements` were measured to fit. */
  readonly referenceMemory: number;
  /** Elements of feature maps, keyed by the network's number of dimensions. */
  readonly referenceElements: { readonly 2: number; readonly 3: number };
  /** Maximum fraction of the data set's voxels in one batch; more would overfit. */
  readonly maxDatasetShare: number;
  /** Whether to shrink a patch until the reference's whole batch fits, instead of a batch of two. */
  readonly shrinksToWholeBatch: boolean;
  /** Configurations that share the default planner's preprocessed data. */
  readonly sharesData: readonly ConfigurationName[];
  /** How scans are resampled; by nnU-Net's splines by default. */
  readonly resampling?: PlannedResampling;
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

const plain = {
  plansName: "nnUNetPlans",
  gpuMemoryTarget: 8,
  referenceMemory: 8,
  referenceElements: { 2: 85e6, 3: 560e6 },
  maxDatasetShare: 0.05,
  shrinksToWholeBatch: false,
  sharesData: [],
  network: plainUnet,
} as const;

const residualLarge = {
  ...residual,
  plansName: "nnUNetResEncUNetLPlans",
  gpuMemoryTarget: 24,
  referenceMemory: 24,
  referenceElements: { 2: 380e6, 3: 2100e6 },
} as const;

/** A planner's name: that of upstream's class, which plans and the command line use. */
export type PlannerName =
  | "ExperimentPlanner"
  | "ResEncUNetPlanner"
  | "nnUNetPlannerResEncM"
  | "nnUNetPlannerResEncL"
  | "nnUNetPlannerResEncXL"
  | "nnUNetPlanner_torchres"
  | "nnUNetPlannerResEncL_torchres"
  | "nnUNetPlannerResEncL_torchres_sepz"
  | "nnUNetPlannerResEncL_noResampling";

/** The planners' settings. */
export const presets: Readonly<Record<PlannerName, Preset>> = {
  ExperimentPlanner: plain,
  ResEncUNetPlanner: { ...residual, plansName: "nnUNetResEncUNetPlans", maxDatasetShare: 0.05 },
  nnUNetPlannerResEncM: { ...residual, plansName: "nnUNetResEncUNetMPlans" },
  nnUNetPlannerResEncL: residualLarge,
  nnUNetPlannerResEncXL: {
    ...residual,
    plansName: "nnUNetResEncUNetXLPlans",
    gpuMemoryTarget: 40,
    referenceMemory: 40,
    referenceElements: { 2: 560e6, 3: 3600e6 },
  },
  nnUNetPlanner_torchres: {
    ...plain,
    plansName: "nnUNetPlans_torchres",
    resampling: torchResampling,
  },
  nnUNetPlannerResEncL_torchres: {
    ...residualLarge,
    plansName: "nnUNetResEncUNetLPlans_torchres",
    sharesData: [],
    resampling: torchResampling,
  },
  nnUNetPlannerResEncL_torchres_sepz: {
    ...residualLarge,
    plansName: "nnUNetResEncUNetLPlans_torchres_sepz",
    sharesData: [],
    resampling: torchSliceResampling,
  },
  nnUNetPlannerResEncL_noResampling: {
    ...residualLarge,
    plansName: "nnUNetResEncUNetLPlans_noResampling",
    sharesData: [],
    resampling: noResampling,
  },
};

/** Names of all planners. */
export const plannerNames = Object.keys(presets) as PlannerName[];
