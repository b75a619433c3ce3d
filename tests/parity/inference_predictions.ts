/** Compares both sides' predictions of the same scans and patch with a model trained by nnU-Net. */

import { basename, join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { architectureToJson } from "../../lib/files/architecture_json.ts";
import { formatPlans } from "../../lib/files/plans_json.ts";
import { formatPythonJson } from "../../lib/files/python_json.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { openModel } from "../../lib/model/open_model.ts";
import type { PlansData } from "../../lib/files/plans.ts";
import { Predictor } from "../../lib/predictor.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { Session } from "../../lib/runtime/session.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import type { InferenceSubject } from "./inference_subjects.ts";
import { readNpz } from "../interop/read_npz.ts";
import { countForeground } from "./foreground.ts";
import { largestDifference, patchLogits } from "./patch_logits.ts";
import { shortTrainingOptimizer } from "./short_training.ts";

/** Agreement of two predictions. */
export interface Comparison {
  readonly voxels: number;
  /** Share of voxels that agree with nnU-Net summing logits in single precision. */
  readonly same: number;
  /** Share of voxels that agree with nnU-Net as it is, summing logits in half precision. */
  readonly sameAsHalf: number;
  /** Largest difference of the logits of a patch. */
  readonly logits: number;
  /** Largest difference of the probabilities of whole scans. */
  readonly probabilities: number;
  /** Voxels that are not background: on the side that has fewer. */
  readonly foreground: number;
}

/**
 * Trains a model in Python, predicts on both sides and compares.
 *
 * @param steps Number of training steps.
 * @param root Folder for all files that are written.
 * @returns The comparison, and the model's folder.
 */
export async function comparePredictions(
  peer: PythonPeer,
  subject: InferenceSubject,
  { steps, root }: { readonly steps: number; readonly root: string },
  output = join(root, subject.name.replaceAll(/\W+/g, "_")),
): Promise<{ comparison: Comparison; model: string }> {
  const { plansData, configuration: name, dataset, images, labels, previous } = subject;
  const { folds = [0] } = subject;
  const first = previous && join(output, "first");
  if (previous) await comparePredictions(peer, previous, { steps, root }, first);
  const configuration = plansData.configurations[name]!;
  const channels = images[0].length +
    (previous ? Object.keys(dataset.labels as object).length - 1 : 0);
  const patchShape = [1, channels, ...configuration.patchSize];
  const generator = createGenerator(3);
  const patch = Float32Array.from({ length: sizeOf(patchShape) }, () => generator.normal());
  const patchPath = join(root, "patch");
  await Deno.writeFile(patchPath, new Uint8Array(patch.buffer));
  // nnU-Net finds the first stage's label maps through these.
  const names = images.map(([file]) => basename(file).replace(/(_\d{4})?\.nii\.gz$/, ""));
  await removeIfPresent(`${patchPath}.logits`); // Another subject's.
  const { model } = await peer.ask<{ model: string }>({
    plans: subject.flat ? flatPlans(plansData) : JSON.parse(formatPlans(plansData)),
    configuration: name,
    dataset,
    images,
    labels,
    names,
    folds,
    steps,
    ...shortTrainingOptimizer,
    output: join(output, "theirs"),
    previous: first && join(first, "theirs", "single"),
    patch: patchPath,
    patch_shape: patchShape,
  });

  const ours = join(output, "ours");
  using predictor = await Predictor.open(model);
  let voxels = 0;
  let same = 0;
  let sameAsHalf = 0;
  let probabilities = 0;
  let [ourForeground, theirForeground] = [0, 0];
  for (const [i, files] of images.entries()) {
    const folder = join(ours, names[i]);
    await predictor.predictProbabilities(files, folder);
    const labelsIn = async (...path: string[]) =>
      (await readSegmentation(`${join(...path)}.nii.gz`)).data;
    const labels = await labelsIn(folder, Predictor.caseName);
    const single = await labelsIn(output, "theirs", "single", names[i]);
    const half = await labelsIn(output, "theirs", "half", names[i]);
    const difference = largestDifference(
      (await readNpz(join(folder, `${Predictor.caseName}.npz`), "probabilities")).data,
      (await readNpz(join(output, "theirs", "single", `${names[i]}.npz`), "probabilities")).data,
    );
    probabilities = Math.max(probabilities, difference);
    voxels += labels.length;
    ourForeground += countForeground(labels);
    theirForeground += countForeground(single);
    labels.forEach((label, j) => {
      same += Number(label === single[j]);
      sameAsHalf += Number(label === half[j]);
    });
  }
  const expected = new Float32Array((await Deno.readFile(`${patchPath}.logits`)).buffer);
  const logits = await patchDifference(model, patch, expected);
  const foreground = Math.min(ourForeground, theirForeground);
  return { comparison: { voxels, same, sameAsHalf, logits, probabilities, foreground }, model };
}

async function removeIfPresent(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Largest difference of the logits of a patch, averaged over folds and mirrored views. */
async function patchDifference(
  model: string,
  patch: Float32Array<ArrayBuffer>,
  expected: Float32Array,
): Promise<number> {
  const { models, configuration: { patchSize }, mirrorAxes } = await openModel(model);
  const heads = expected.length / sizeOf(patchSize);
  const mean = new Float32Array(expected.length);
  for (const model of models) {
    const session = await Session.create(model);
    const logits = await patchLogits(session, patch, { patchSize, heads, mirrorAxes });
    await session.release();
    logits.forEach((value, i) => mean[i] += value / models.length);
  }
  return largestDifference(mean, expected);
}

/** Converts plans to the format of the first releases of version 2. */
function flatPlans(plansData: PlansData): unknown {
  const json = JSON.parse(formatPlans(plansData));
  for (const configuration of Object.values<Record<string, unknown>>(json.configurations)) {
    const { arch_kwargs: network } = JSON.parse(
      formatPythonJson(architectureToJson(plansData.configurations["3d_fullres"]!.architecture)),
    );
    delete configuration.architecture;
    Object.assign(configuration, {
      UNet_class_name: "PlainConvUNet",
      UNet_base_num_features: network.features_per_stage[0],
      unet_max_num_features: 320,
      n_conv_per_stage_encoder: network.n_conv_per_stage,
      n_conv_per_stage_decoder: network.n_conv_per_stage_decoder,
      num_pool_per_axis: [2, 2, 2],
      conv_kernel_sizes: network.kernel_sizes,
      pool_op_kernel_sizes: network.strides,
    });
  }
  return json;
}
