/**
 * Encodes and decodes nnU-Net's checkpoints, from which it predicts and resumes training.
 *
 * @see MIC-DKFZ/nnUNet nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py `save_checkpoint`,
 * `load_checkpoint`
 */

import type { NdArray } from "../array/nd_array.ts";
import { Fields, toFloat32, toNumbers } from "./fields.ts";
import { type JsonValue, toJson } from "./json_value.ts";
import { decodeOptimizer, encodeOptimizer, type RecordedOptimizer } from "./optimizer_state.ts";
import { isTensor, OrderedDict, type PythonValue, Tuple } from "./python_values.ts";
import { readPyTorchFile, writePyTorchFile } from "./pytorch_file.ts";
import type { Tensor } from "./tensor.ts";
import type { TrainingLog } from "./training_log.ts";
import {
  addAliases,
  dropAliases,
  inModuleOrder,
  isBuffer,
  isCount,
  withMaskToken,
} from "./unet_state_dict.ts";

/** State of a training after an epoch. */
export interface NnunetCheckpoint {
  /**
   * Weights by parameter name, such as `encoder.stages.0.0.convs.0.conv.weight`, in the order of
   * the network.
   */
  readonly networkWeights: ReadonlyMap<string, NdArray>;
  /**
   * For weights whose module is not at the usual place in the list of its block, such as a
   * normalisation after a dropout, its index there. Only encoding needs it.
   */
  readonly modulePlaces?: ReadonlyMap<string, number>;
  /** `null` for an unknown optimiser of a trainer variant; the checkpoint can only predict then. */
  readonly optimizer: RecordedOptimizer | null;
  /** State of the loss scaling in mixed precision; undefined for trainings in float32. */
  readonly gradScaler?: GradScalerState;
  /** Losses and scores of all epochs so far. */
  readonly log: TrainingLog;
  /** Best moving average of the foreground Dice; `null` before the end of the first epoch. */
  readonly bestEma: number | null;
  /** Index of the next epoch, from 0. */
  readonly currentEpoch: number;
  /** Plans, configuration, fold and data set. */
  readonly initArgs: InitArgs;
  /** Name of upstream's trainer class, such as `nnUNetTrainer`. */
  readonly trainerName: string;
  /** Spatial axes of the patch to mirror, from 0; `null` for no mirroring. */
  readonly inferenceAllowedMirroringAxes: readonly number[] | null;
  /** Additional state of this library to resume exactly, such as that of random generators. */
  readonly extraState?: JsonValue;
}

/** State of the loss scaling, as in PyTorch's GradScaler. */
export interface GradScalerState {
  /** The current factor. */
  readonly scale: number;
  /** Number of consecutive finite steps after which the scale doubles. */
  readonly growthInterval: number;
  /** Number of finite steps since the last change of the scale. */
  readonly growthTracker: number;
}

/** Constructor arguments of upstream's trainer. */
export interface InitArgs {
  /** The content of `plans.json`. */
  readonly plans: JsonValue;
  /** Name of the configuration. */
  readonly configuration: string;
  /** The fold, from 0, or `"all"`. */
  readonly fold: number | "all";
  /** The content of `dataset.json`. */
  readonly datasetJson: JsonValue;
}

/** Key of the additional state; nnU-Net ignores unknown keys. */
const EXTRA_STATE_KEY = "nnunet_ts";

const logKeys = {
  meanForegroundDice: "mean_fg_dice",
  emaForegroundDice: "ema_fg_dice",
  dicePerClass: "dice_per_class_or_region",
  trainLosses: "train_losses",
  valLosses: "val_losses",
  learningRates: "lrs",
  epochStart: "epoch_start_timestamps",
  epochEnd: "epoch_end_timestamps",
} as const satisfies Record<keyof TrainingLog, string>;

/**
 * Encodes a checkpoint as the bytes of a `.pth` file that nnU-Net v2 can predict with and resume.
 *
 * @throws {TypeError} If an optimiser's buffer has no parameter or differs from it in shape.
 * @throws {RangeError} If a tensor exceeds 4 GiB.
 */
export function encodeCheckpoint(checkpoint: NnunetCheckpoint): Uint8Array<ArrayBuffer> {
  const { optimizer, gradScaler, log, initArgs, extraState } = checkpoint;
  const networkWeights = inModuleOrder(checkpoint.networkWeights);
  const axes = checkpoint.inferenceAllowedMirroringAxes;
  const stored = new Map(
    Array.from(
      networkWeights,
      ([name, weight]) => [name, isCount(name) ? asCount(weight) : weight],
    ),
  );
  return writePyTorchFile({
    network_weights: new OrderedDict(
      withMaskToken(addAliases(stored, checkpoint.modulePlaces)),
    ),
    optimizer_state: optimizer && encodeOptimizer(optimizer, withoutBuffers(networkWeights)),
    grad_scaler_state: gradScaler ? encodeGradScaler(gradScaler) : null,
    logging: Object.fromEntries(
      Object.entries(logKeys).map(([name, key]) => [key, log[name as keyof TrainingLog]]),
    ),
    _best_ema: checkpoint.bestEma,
    current_epoch: checkpoint.currentEpoch,
    init_args: {
      plans: initArgs.plans,
      configuration: initArgs.configuration,
      fold: initArgs.fold,
      dataset_json: initArgs.datasetJson,
    },
    trainer_name: checkpoint.trainerName,
    inference_allowed_mirroring_axes: axes && Tuple.from(axes),
    ...(extraState === undefined ? {} : { [EXTRA_STATE_KEY]: extraState }),
  });
}

/** Encodes a scaler's state, with PyTorch's default factors. */
function encodeGradScaler(
  { scale, growthInterval, growthTracker }: GradScalerState,
): PythonValue {
  return {
    scale,
    growth_factor: 2,
    backoff_factor: 0.5,
    growth_interval: growthInterval,
    _growth_tracker: growthTracker,
  };
}

/**
 * Decodes a `.pth` file of nnU-Net v2 without executing code in it.
 *
 * Weights and momentum are views of `bytes` where possible.
 *
 * @throws {TypeError} If the file has more than plain data, or lacks part of a checkpoint.
 * @throws {SyntaxError} If it is damaged or not a PyTorch file.
 * @throws {RangeError} If its tensors exceed the data in the file.
 */
export function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>): NnunetCheckpoint {
  const fields = new Fields(readPyTorchFile(bytes), "checkpoint");
  const networkWeights = new Map<string, NdArray>();
  for (const [name, value] of dropAliases(fields.dict("network_weights").named())) {
    networkWeights.set(name, isCount(name) ? fromCount(value) : toFloat32(value, `weight ${name}`));
  }
  const log = fields.dict("logging");
  const curve = (name: keyof TrainingLog) => log.numbers(logKeys[name]);
  const initArgs = fields.dict("init_args");
  const fold = initArgs.get("fold");
  return {
    networkWeights,
    optimizer: fields.get("optimizer_state") === null
      ? null
      : decodeOptimizer(fields.dict("optimizer_state"), withoutBuffers(networkWeights)),
    ...decodeGradScaler(fields),
    log: {
      meanForegroundDice: curve("meanForegroundDice"),
      emaForegroundDice: curve("emaForegroundDice"),
      dicePerClass: log.list(logKeys.dicePerClass).map((epoch) =>
        toNumbers(epoch, logKeys.dicePerClass)
      ),
      trainLosses: curve("trainLosses"),
      valLosses: curve("valLosses"),
      learningRates: curve("learningRates"),
      epochStart: curve("epochStart"),
      epochEnd: curve("epochEnd"),
    },
    bestEma: fields.get("_best_ema") === null ? null : fields.number("_best_ema"),
    currentEpoch: fields.number("current_epoch"),
    initArgs: {
      plans: toJson(initArgs.get("plans"), "checkpoint's plans"),
      configuration: initArgs.text("configuration"),
      fold: fold === "all" ? fold : initArgs.number("fold"),
      datasetJson: toJson(initArgs.get("dataset_json"), "checkpoint's dataset_json"),
    },
    trainerName: fields.text("trainer_name"),
    inferenceAllowedMirroringAxes: decodeAxes(fields),
    ...(fields.has(EXTRA_STATE_KEY)
      ? { extraState: toJson(fields.get(EXTRA_STATE_KEY), "checkpoint's additional state") }
      : {}),
  };
}

/** Returns the weights that optimisers know. */
function withoutBuffers<T>(weights: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...weights].filter(([name]) => !isBuffer(name)));
}

/** Returns a number of batches as PyTorch stores it. */
function asCount({ shape, data }: NdArray): Tensor {
  return { shape, data: BigInt64Array.of(BigInt(Math.round(Number(data[0])))) };
}

/** Returns a number of batches as float32, which is exact for sixteen million. */
function fromCount(value: unknown): NdArray {
  return isTensor(value) && value.data instanceof BigInt64Array && value.data.length === 1
    ? { shape: [], data: Float32Array.of(Number(value.data[0])) }
    : toFloat32(value, "num_batches_tracked");
}

/** Decodes the mirroring axes; early versions of nnU-Net v2 store none and do not mirror. */
function decodeAxes(fields: Fields): number[] | null {
  const key = "inference_allowed_mirroring_axes";
  return fields.has(key) && fields.get(key) !== null ? fields.numbers(key) : null;
}

/** Decodes a scaler's state: null on the CPU, an empty dictionary if disabled. */
function decodeGradScaler(fields: Fields): Pick<NnunetCheckpoint, "gradScaler"> {
  const key = "grad_scaler_state";
  if (!fields.has(key) || fields.get(key) === null) return {};
  const scaler = fields.dict(key);
  if (scaler.entries().size === 0) return {};
  return {
    gradScaler: {
      scale: scaler.number("scale"),
      growthInterval: scaler.number("growth_interval"),
      growthTracker: scaler.number("_growth_tracker"),
    },
  };
}
