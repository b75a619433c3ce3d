/**
 * Reads and writes the network in `nnUNetPlans.json`, in the current format and the flat one of
 * early nnU-Net v2.
 *
 * @see MIC-DKFZ/nnUNet@0e495086 nnunetv2/utilities/plans_handling/plans_handler.py
 */

import { z } from "../packages/zod.ts";
import type { Architecture, Dropout, Nonlinearity, Normalization } from "./plans.ts";
import { INSTANCE_NORMALIZATION, LEAKY_RELU } from "./plans.ts";
import type { PythonJson } from "./python_json.ts";
import { PythonFloat } from "./python_json.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

const CLASSES = "dynamic_network_architectures.architectures";
const BOTTLENECK = "dynamic_network_architectures.building_blocks.residual.BottleneckD";

/** Networks of upstream that this library builds, without their module, which has changed. */
const knownClasses = ["PlainConvUNet", "ResidualEncoderUNet", "ResidualUNet"];

const classOf = (path: string) => path.split(".").at(-1)!;
const isResidual = (networkClassName: string) => classOf(networkClassName) !== "PlainConvUNet";

const count = z.number().int().positive();
const counts = z.array(count);
const perStageAndAxis = z.array(counts);
/** Upstream takes a number instead of a list: the same for all stages, or all axes. */
const perStage = z.union([count, counts]);
const perStageOrAxis = z.union([count, z.array(z.union([count, counts]))]);

/** The name of one of PyTorch's classes, such as `torch.nn.modules.conv.Conv3d`, without modules. */
const torchClass = z.string().regex(
  /^torch\.nn\.(?:modules\.)?(?:[a-z]+\.)?\w+$/,
  "found a class that is not in torch.nn, expected one of PyTorch's own",
).transform(classOf);

const keywordsOf = z.record(z.string(), z.unknown()).nullable().default(null);

/**
 * Unknown keys or values would mean another network, so they are rejected rather than ignored.
 * Defaults are those of upstream's classes.
 */
const keywordsSchema = z.strictObject({
  n_stages: z.number().int(),
  features_per_stage: perStage,
  conv_op: torchClass.pipe(z.enum(["Conv2d", "Conv3d"])),
  kernel_sizes: perStageOrAxis,
  strides: perStageOrAxis,
  n_conv_per_stage: perStage.optional(),
  n_blocks_per_stage: perStage.optional(),
  n_conv_per_stage_decoder: perStage,
  conv_bias: z.boolean().default(false),
  norm_op: torchClass.nullable().default(null),
  norm_op_kwargs: keywordsOf,
  dropout_op: torchClass.nullable().default(null),
  dropout_op_kwargs: keywordsOf,
  nonlin: torchClass.nullable().default(null),
  nonlin_kwargs: keywordsOf,
  nonlin_first: z.boolean().default(false),
  /** Upstream's trainers replace it. */
  deep_supervision: z.boolean().optional(),
  block: z.string().transform(classOf).pipe(z.enum(["BasicBlockD", "BottleneckD"])).optional(),
  bottleneck_channels: perStage.nullable().optional(),
  stem_channels: count.nullable().optional(),
});

type Keywords = z.infer<typeof keywordsSchema>;

/** Why keywords cannot be used. */
class Unusable extends Error {
  constructor(readonly key: string, message: string) {
    super(message);
  }
}

/** Parses the value of `architecture`. */
export const architectureSchema = z.object({
  network_class_name: z.string().refine((name) => knownClasses.includes(classOf(name)), {
    error: ({ input }) =>
      `found ${JSON.stringify(input)}, expected one of ${knownClasses.join(", ")}`,
  }),
  arch_kwargs: z.unknown(),
}).pipe(z.object({ network_class_name: z.string(), arch_kwargs: keywordsSchema })).transform(
  ({ network_class_name, arch_kwargs }, context): Architecture => {
    try {
      return architectureOf(network_class_name, arch_kwargs);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      const path = error.key === "" ? [] : ["arch_kwargs", error.key];
      context.addIssue({ code: "custom", message: error.message, path });
      return z.NEVER;
    }
  },
);

/** @throws {Unusable} */
function architectureOf(networkClassName: string, keywords: Keywords): Architecture {
  const stages = keywords.n_stages;
  const dimensions = keywords.conv_op === "Conv2d" ? 2 : 3;
  const perAxis = (value: z.infer<typeof perStageOrAxis>) =>
    repeated(value, stages).map((sizes) => repeated(sizes, dimensions));
  const convs = keywords[convsPerStageKey(networkClassName)];
  const convsPerStage = convs === undefined ? undefined : repeated(convs, stages);
  const architecture: Architecture = {
    networkClassName,
    dimensions,
    featuresPerStage: repeated(keywords.features_per_stage, stages),
    kernelSizes: perAxis(keywords.kernel_sizes),
    strides: perAxis(keywords.strides),
    convsPerStage: convsPerStage ?? [],
    convsPerStageDecoder: repeated(keywords.n_conv_per_stage_decoder, stages - 1),
    ...blocksOf(networkClassName, keywords),
  };
  const lengths = [
    architecture.featuresPerStage.length,
    architecture.kernelSizes.length,
    architecture.strides.length,
    convsPerStage?.length,
    architecture.convsPerStageDecoder.length + 1,
    ...architecture.bottleneckFeatures ? [architecture.bottleneckFeatures.length] : [],
  ];
  if (lengths.some((length) => length !== stages)) {
    throw new Unusable("", `Network has lists for [${lengths}] stages, expected ${stages} each`);
  }
  const even = architecture.kernelSizes.flat().find((extent) => extent % 2 === 0);
  if (even !== undefined) {
    throw new Unusable("kernel_sizes", `found ${even}, expected odd extents`);
  }
  return architecture;
}

/** Returns a list: a number stands for itself in each of `length` places. */
function repeated<T>(value: T | readonly T[], length: number): T[] {
  return Array.isArray(value) ? value : new Array(Math.max(0, length)).fill(value);
}

/** Returns what differs from nnU-Net's own plans in the blocks of a network. @throws {Unusable} */
function blocksOf(networkClassName: string, keywords: Keywords): Partial<Architecture> {
  const normalization = normalizationOf(keywords);
  const nonlinearity = nonlinearityOf(keywords);
  const dropout = dropoutOf(keywords);
  const { block, bottleneck_channels: bottleneck, stem_channels: stem } = keywords;
  const residual = isResidual(networkClassName);
  if (residual && !normalization?.affine) {
    throw new Unusable(
      "norm_op",
      `found ${
        normalization ? "affine: false" : "none"
      }, expected a normalisation with parameters: ` +
        "nnU-Net starts residual blocks with a scale of 0",
    );
  }
  for (const key of ["block", "bottleneck_channels", "stem_channels"] as const) {
    if (!residual && keywords[key] !== undefined) {
      throw new Unusable(key, `found in a ${classOf(networkClassName)}, which has no such option`);
    }
  }
  if (residual && keywords.nonlin_first) {
    throw new Unusable("nonlin_first", "found in a residual network, which has no such option");
  }
  const hasBottlenecks = block === "BottleneckD";
  if (hasBottlenecks && (bottleneck ?? undefined) === undefined) {
    throw new Unusable("bottleneck_channels", "found nothing, expected the features of each block");
  }
  return {
    ...!keywords.conv_bias && { convBias: false },
    ...!isSame(normalization, INSTANCE_NORMALIZATION) && { normalization },
    ...!isSame(nonlinearity, LEAKY_RELU) && { nonlinearity },
    ...keywords.nonlin_first && { nonlinearityFirst: true },
    ...dropout && { dropout },
    ...typeof stem === "number" && { stemFeatures: stem },
    ...hasBottlenecks && { bottleneckFeatures: repeated(bottleneck!, keywords.n_stages) },
  };
}

function isSame(a: object | null, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const finite = z.number();
const positive = z.number().positive();
const share = z.number().min(0).max(1);

function normalizationOf(keywords: Keywords): Normalization | null {
  const { norm_op: name, norm_op_kwargs: given } = keywords;
  const axes = keywords.conv_op.slice(-2);
  switch (name) {
    case null:
      return null;
    case `InstanceNorm${axes}`: {
      const { eps, affine } = parsed("norm_op_kwargs", given, {
        eps: positive.default(1e-5),
        affine: z.boolean().default(false),
        // Unused without running statistics.
        momentum: share.nullable().optional(),
        track_running_stats: z.literal(false).optional(),
      });
      return { over: "sample", epsilon: eps, affine };
    }
    case `BatchNorm${axes}`: {
      const { eps, affine, momentum } = parsed("norm_op_kwargs", given, {
        eps: positive.default(1e-5),
        affine: z.boolean().default(true),
        momentum: share.nullable().default(0.1),
        // Without, a prediction would depend on the other tiles of its batch.
        track_running_stats: z.literal(true).optional(),
      });
      return { over: "batch", epsilon: eps, affine, ...momentum !== 0.1 && { momentum } };
    }
    default:
      throw new Unusable(
        "norm_op",
        `found ${name}, expected InstanceNorm${axes} or BatchNorm${axes}`,
      );
  }
}

function nonlinearityOf({ nonlin: name, nonlin_kwargs: given }: Keywords): Nonlinearity | null {
  const inplace = z.boolean().optional();
  switch (name) {
    case null:
      return null;
    case "LeakyReLU": {
      const { negative_slope: slope } = parsed("nonlin_kwargs", given, {
        negative_slope: share.default(0.01),
        inplace,
      });
      return { kind: "leakyRelu", slope };
    }
    case "ReLU":
      parsed("nonlin_kwargs", given, { inplace });
      return { kind: "leakyRelu", slope: 0 };
    case "ELU": {
      const { alpha } = parsed("nonlin_kwargs", given, { alpha: finite.default(1), inplace });
      return { kind: "elu", alpha };
    }
    case "SiLU":
      parsed("nonlin_kwargs", given, { inplace });
      return { kind: "silu" };
    case "GELU":
      parsed("nonlin_kwargs", given, { approximate: z.literal("none").optional() });
      return { kind: "gelu" };
    case "PReLU": {
      const { init } = parsed("nonlin_kwargs", given, {
        num_parameters: z.literal(1).optional(),
        init: finite.default(0.25),
      });
      return { kind: "prelu", initialSlope: init };
    }
    default:
      throw new Unusable(
        "nonlin",
        `found ${name}, expected LeakyReLU, ReLU, ELU, GELU, SiLU or PReLU`,
      );
  }
}

function dropoutOf(keywords: Keywords): Dropout | undefined {
  const { dropout_op: name, dropout_op_kwargs: given } = keywords;
  if (name === null) return undefined;
  const ofMaps = `Dropout${keywords.conv_op.slice(-2)}`;
  if (name !== "Dropout" && name !== ofMaps) {
    throw new Unusable("dropout_op", `found ${name}, expected ${ofMaps} or Dropout`);
  }
  const { p } = parsed("dropout_op_kwargs", given, {
    p: share.default(0.5),
    inplace: z.boolean().optional(),
  });
  return { probability: p, wholeMaps: name === ofMaps };
}

/** Parses the keywords of one of PyTorch's classes. @throws {Unusable} */
function parsed<T extends z.ZodRawShape>(
  key: string,
  given: Readonly<Record<string, unknown>> | null,
  shape: T,
): z.infer<z.ZodObject<T>> {
  const result = z.strictObject(shape).safeParse(given ?? {});
  if (result.success) return result.data;
  throw new Unusable(key, schemaProblems(result.error));
}

/** Returns the key of the counts per stage: blocks in residual networks, else convolutions. */
function convsPerStageKey(networkClassName: string) {
  return isResidual(networkClassName) ? "n_blocks_per_stage" : "n_conv_per_stage";
}

/** Formats the value of `architecture`. */
export function architectureToJson(architecture: Architecture): PythonJson {
  const { dimensions, dropout, stemFeatures, bottleneckFeatures } = architecture;
  const { normalization = INSTANCE_NORMALIZATION, nonlinearity = LEAKY_RELU } = architecture;
  const [nonlin, nonlinKeywords] = nonlinearityToJson(nonlinearity);
  return {
    network_class_name: architecture.networkClassName,
    arch_kwargs: {
      n_stages: architecture.strides.length,
      features_per_stage: architecture.featuresPerStage,
      conv_op: `torch.nn.modules.conv.Conv${dimensions}d`,
      kernel_sizes: architecture.kernelSizes,
      strides: architecture.strides,
      [convsPerStageKey(architecture.networkClassName)]: architecture.convsPerStage,
      n_conv_per_stage_decoder: architecture.convsPerStageDecoder,
      conv_bias: architecture.convBias ?? true,
      norm_op: normalization &&
        (normalization.over === "sample"
          ? `torch.nn.modules.instancenorm.InstanceNorm${dimensions}d`
          : `torch.nn.modules.batchnorm.BatchNorm${dimensions}d`),
      norm_op_kwargs: normalization && {
        eps: new PythonFloat(normalization.epsilon),
        affine: normalization.affine,
        ...normalization.momentum !== undefined && {
          momentum: normalization.momentum === null
            ? null
            : new PythonFloat(normalization.momentum),
        },
      },
      dropout_op: dropout
        ? `torch.nn.modules.dropout.Dropout${dropout.wholeMaps ? `${dimensions}d` : ""}`
        : null,
      dropout_op_kwargs: dropout
        ? { p: new PythonFloat(dropout.probability), inplace: true }
        : null,
      nonlin,
      nonlin_kwargs: nonlinKeywords,
      ...architecture.nonlinearityFirst && { nonlin_first: true },
      ...stemFeatures !== undefined && { stem_channels: stemFeatures },
      ...bottleneckFeatures && { block: BOTTLENECK, bottleneck_channels: bottleneckFeatures },
    },
    _kw_requires_import: [
      "conv_op",
      "norm_op",
      "dropout_op",
      "nonlin",
      ...bottleneckFeatures ? ["block"] : [],
    ],
  };
}

/** Returns a nonlinearity's class and its keywords. */
function nonlinearityToJson(nonlinearity: Nonlinearity | null): [PythonJson, PythonJson] {
  switch (nonlinearity?.kind) {
    case undefined:
      return [null, null];
    case "leakyRelu":
      if (nonlinearity.slope === 0) return ["torch.nn.ReLU", { inplace: true }];
      return ["torch.nn.LeakyReLU", {
        ...nonlinearity.slope !== 0.01 && { negative_slope: new PythonFloat(nonlinearity.slope) },
        inplace: true,
      }];
    case "elu":
      return ["torch.nn.ELU", { alpha: new PythonFloat(nonlinearity.alpha), inplace: true }];
    case "silu":
      return ["torch.nn.SiLU", { inplace: true }];
    case "gelu":
      return ["torch.nn.GELU", {}];
    case "prelu":
      return ["torch.nn.PReLU", { init: new PythonFloat(nonlinearity.initialSlope) }];
  }
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
