/**
 * Reads and writes the network in `nnUNetPlans.json`, in the current format and the flat one of
 * early nnU-Net v2.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/plans_handling/plans_handler.py
 */

import { z } from "../packages/zod.ts";
import type { Architecture } from "./plans.ts";
import type { PythonJson } from "./python_json.ts";
import { PythonFloat } from "./python_json.ts";

const CLASSES = "dynamic_network_architectures.architectures";
const operators = {
  2: {
    conv: "torch.nn.modules.conv.Conv2d",
    norm: "torch.nn.modules.instancenorm.InstanceNorm2d",
  },
  3: {
    conv: "torch.nn.modules.conv.Conv3d",
    norm: "torch.nn.modules.instancenorm.InstanceNorm3d",
  },
} as const;

const counts = z.array(z.number().int().positive());
const perStageAndAxis = z.array(counts);

/** Unknown keys or values would mean another network, so they are rejected rather than ignored. */
const keywordsSchema = z.strictObject({
  n_stages: z.number().int(),
  features_per_stage: counts,
  conv_op: z.enum([operators[2].conv, operators[3].conv]),
  kernel_sizes: perStageAndAxis,
  strides: perStageAndAxis,
  n_conv_per_stage: counts.optional(),
  n_blocks_per_stage: counts.optional(),
  n_conv_per_stage_decoder: counts,
  conv_bias: z.literal(true),
  norm_op: z.enum([operators[2].norm, operators[3].norm]),
  norm_op_kwargs: z.strictObject({ eps: z.literal(1e-5), affine: z.literal(true) }),
  dropout_op: z.null(),
  dropout_op_kwargs: z.null(),
  nonlin: z.literal("torch.nn.LeakyReLU"),
  nonlin_kwargs: z.strictObject({ inplace: z.boolean().optional() }),
});

/** Parses the value of `architecture`. */
export const architectureSchema = z.object({
  network_class_name: z.string(),
  arch_kwargs: keywordsSchema,
}).transform(({ network_class_name, arch_kwargs: keywords }, context): Architecture => {
  const stages = keywords.n_stages;
  const convsKey = convsPerStageKey(network_class_name);
  const convsPerStage = keywords[convsKey];
  const lengths = [
    keywords.features_per_stage.length,
    keywords.kernel_sizes.length,
    keywords.strides.length,
    convsPerStage?.length,
    keywords.n_conv_per_stage_decoder.length + 1,
  ];
  if (!convsPerStage || lengths.some((length) => length !== stages)) {
    context.addIssue({
      code: "custom",
      message: `Network has lists for [${lengths}] stages, expected ${stages} each`,
    });
    return z.NEVER;
  }
  return {
    networkClassName: network_class_name,
    dimensions: keywords.conv_op === operators[2].conv ? 2 : 3,
    featuresPerStage: keywords.features_per_stage,
    kernelSizes: keywords.kernel_sizes,
    strides: keywords.strides,
    convsPerStage,
    convsPerStageDecoder: keywords.n_conv_per_stage_decoder,
  };
});

/** Returns the key of the counts per stage: blocks in residual networks, else convolutions. */
function convsPerStageKey(networkClassName: string) {
  return networkClassName.endsWith(".ResidualEncoderUNet")
    ? "n_blocks_per_stage"
    : "n_conv_per_stage";
}

/** Formats the value of `architecture`. */
export function architectureToJson(architecture: Architecture): PythonJson {
  const { conv, norm } = operators[architecture.dimensions];
  return {
    network_class_name: architecture.networkClassName,
    arch_kwargs: {
      n_stages: architecture.strides.length,
      features_per_stage: architecture.featuresPerStage,
      conv_op: conv,
      kernel_sizes: architecture.kernelSizes,
      strides: architecture.strides,
      [convsPerStageKey(architecture.networkClassName)]: architecture.convsPerStage,
      n_conv_per_stage_decoder: architecture.convsPerStageDecoder,
      conv_bias: true,
      norm_op: norm,
      norm_op_kwargs: { eps: new PythonFloat(1e-5), affine: true },
      dropout_op: null,
      dropout_op_kwargs: null,
      nonlin: "torch.nn.LeakyReLU",
      nonlin_kwargs: { inplace: true },
    },
    _kw_requires_import: ["conv_op", "norm_op", "dropout_op", "nonlin"],
  };
}

/** Parses the flat network keys of a configuration from the first releases of nnU-Net v2. */
export const flatArchitectureSchema = z.object({
  UNet_class_name: z.enum(["PlainConvUNet", "ResidualEncoderUNet"]),
  UNet_base_num_features: z.number().int().positive(),
  unet_max_num_features: z.number().int().positive(),
  n_conv_per_stage_encoder: counts,
  n_conv_per_stage_decoder: counts,
  conv_kernel_sizes: perStageAndAxis,
  pool_op_kernel_sizes: perStageAndAxis,
}).transform((flat): Architecture => ({
  networkClassName: flat.UNet_class_name === "PlainConvUNet"
    ? `${CLASSES}.unet.PlainConvUNet`
    : `${CLASSES}.residual_unet.ResidualEncoderUNet`,
  dimensions: flat.pool_op_kernel_sizes[0].length === 2 ? 2 : 3,
  featuresPerStage: flat.n_conv_per_stage_encoder.map((_, stage) =>
    Math.min(flat.UNet_base_num_features * 2 ** stage, flat.unet_max_num_features)
  ),
  kernelSizes: flat.conv_kernel_sizes,
  strides: flat.pool_op_kernel_sizes,
  convsPerStage: flat.n_conv_per_stage_encoder,
  convsPerStageDecoder: flat.n_conv_per_stage_decoder,
}));
