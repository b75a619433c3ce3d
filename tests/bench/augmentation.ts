/**
 * `deno task bench:augmentation`: compares augmentation on one core with batchgeneratorsv2 on one
 * thread.
 *
 * Measures the whole pipeline as a data loader runs it, and every transform alone, always applied
 * with random parameters. Both sides alternate on similar samples. `--patch a,b` selects patches,
 * `--rounds N` sets the number of rounds, `--only x,y` selects transforms, and `--check` fails if
 * ours is slower.
 */

import { type Shape, sizeOf } from "../../lib/array/nd_array.ts";
import { initialPatchSize, planAugmentation } from "../../lib/augmentation/augmentation_plan.ts";
import { binaryOperators } from "../../lib/augmentation/binary_operators.ts";
import { brightness } from "../../lib/augmentation/brightness.ts";
import { componentRemoval } from "../../lib/augmentation/component_removal.ts";
import { contrast } from "../../lib/augmentation/contrast.ts";
import { gamma } from "../../lib/augmentation/gamma.ts";
import { gaussianBlur } from "../../lib/augmentation/gaussian_blur.ts";
import { gaussianNoise } from "../../lib/augmentation/gaussian_noise.ts";
import { lowResolution } from "../../lib/augmentation/low_resolution.ts";
import { mirroring } from "../../lib/augmentation/mirroring.ts";
import { nnunetTraining } from "../../lib/augmentation/nnunet_pipeline.ts";
import { previousStageToChannels } from "../../lib/augmentation/previous_stage.ts";
import { spatial } from "../../lib/augmentation/spatial.ts";
import { augment, type Sample, type Transform } from "../../lib/augmentation/transform.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { taskOptions } from "../task_options.ts";
import { MachineRate } from "./machine_rate.ts";
import { PythonPeer } from "./python_peer.ts";
import { spreadOf } from "./statistics.ts";

/** Patches by letter; labels include background and form cubes with an edge of `blob` voxels. */
const patches = {
  a: { patch: [40, 56, 40], labels: 3, blob: 12 },
  b: { patch: [128, 128, 128], labels: 4, blob: 24 },
  c: { patch: [256, 256], labels: 4, blob: 32 },
} as const;

/** Approximate voxels per round and side: half a second of the slower transforms. */
const VOXELS_PER_ROUND = 8e6;

const options = taskOptions(import.meta.url, {
  patch: { type: "string", default: Object.keys(patches).join(",") },
  rounds: { type: "string", default: "5" },
  only: { type: "string" },
  check: { type: "boolean", default: false },
});
const chosen = options.patch.split(",") as (keyof typeof patches)[];
const unknown = chosen.filter((name) => !(name in patches));
const rounds = Number(options.rounds);
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `Cannot measure: found --patch ${options.patch} --rounds ${options.rounds}, ` +
      `expected letters from ${Object.keys(patches).join(",")} and a positive integer`,
  );
  Deno.exit(2);
}

try {
  using rate = await MachineRate.start({ threads: 1 });
  await rate.measure();
  const pipelines: string[] = [];
  const slower: string[] = [];
  for (const name of chosen) {
    const ratios = await compare(name);
    if (ratios.pipeline !== undefined) pipelines.push(`${name} ${ratios.pipeline.toFixed(2)}`);
    for (const [what, ratio] of Object.entries(ratios)) {
      if (ratio < 1) slower.push(`${name} ${what} ${ratio.toFixed(2)}`);
    }
  }
  for (const one of slower) console.log(`slower: ${one}, expected at least 1`);
  console.log(`augmentation per core, batchgeneratorsv2's time / ours: ${pipelines.join(", ")}`);
  Deno.exit(options.check && slower.length > 0 ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("augmentation: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
}

async function compare(name: keyof typeof patches): Promise<Record<string, number>> {
  const { patch, labels, blob } = patches[name];
  const plan = planAugmentation(patch);
  const initial = initialPatchSize(patch, plan);
  const peer = await PythonPeer.start(new URL("./augmentation.py", import.meta.url));
  try {
    const setting = { patch, initial, labels, blob, maxRotation: plan.maxRotation };
    const { version } = await peer.ask<{ version: string }>(setting);
    console.log(
      `${name}: patch ${patch.join("×")} from ${initial.join("×")}, ${labels} labels; ` +
        `PyTorch ${version}, Deno ${Deno.version.deno}; ms per sample`,
    );
    const runs = runsOf(patch, initial, labels, blob);
    const ratios: Record<string, number> = {};
    const wanted = options.only?.split(",") ?? Object.keys(runs);
    for (const what of wanted) ratios[what] = await compareRun(peer, what, runs[what], patch);
    return ratios;
  } finally {
    peer.close();
  }
}

async function compareRun(peer: PythonPeer, what: string, run: Run, patch: Shape) {
  const repeats = Math.max(4, Math.round(VOXELS_PER_ROUND / sizeOf(patch)));
  const ours: number[] = [], theirs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const { milliseconds } = await peer.ask<{ milliseconds: number }>({ what, repeats });
    const own = measure(run, repeats);
    if (round === 0) continue; // Warms up caches, allocators and the compiler.
    theirs.push(milliseconds / repeats);
    ours.push(own / repeats);
  }
  const ratio = spreadOf(theirs).median / spreadOf(ours).median;
  const rates = spreadOf(ours.map((time, i) => theirs[i] / time));
  console.log(
    `   ${what.padEnd(18)} theirs ${spreadOf(theirs).median.toFixed(3).padStart(9)}, ours ` +
      `${spreadOf(ours).median.toFixed(3).padStart(9)}; ratio ${ratio.toFixed(2)} ` +
      `(rounds ${rates.low.toFixed(2)}–${rates.high.toFixed(2)})`,
  );
  return ratio;
}

/** A measured operation on a sample, which is restored between repeats. */
interface Run {
  readonly sample: Sample;
  readonly act: (sample: Sample) => void;
}

function measure({ sample, act }: Run, repeats: number): number {
  const copy = structuredClone(sample);
  let milliseconds = 0;
  for (let i = 0; i < repeats; i++) {
    copy.image.data.set(sample.image.data);
    copy.segmentation.data.set(sample.segmentation.data);
    const begin = performance.now();
    act(copy);
    milliseconds += performance.now() - begin;
  }
  return milliseconds;
}

function runsOf(patch: Shape, initial: Shape, labels: number, blob: number): Record<string, Run> {
  const generator = createGenerator(1);
  const large = sampleOf(initial, labels, blob);
  const small = sampleOf(patch, labels, blob);
  const foreground = Array.from({ length: labels - 1 }, (_, i) => i + 1);
  const oneHot = previousStageToChannels({ labels: foreground })
    .apply({ ...small, previousStage: small.segmentation }, undefined);
  // Memory of a batch, to which the data loader copies each sample.
  const batchImage = new Float32Array(sizeOf(patch));
  const batchLabels = new Int16Array(sizeOf(patch));
  const keep = ({ image, segmentation }: Sample) => {
    batchImage.set(image.data);
    batchLabels.set(segmentation.data);
  };
  const alone = (transform: Transform, sample = small): Run => ({
    sample,
    act: (copy) => void transform.apply(copy, transform.draw(generator, copy), true),
  });
  const { maxRotation, slicewise, mirrorAxes } = planAugmentation(patch);
  const spatialWith = (probability: number) =>
    spatial({
      patchSize: patch,
      slicewise,
      rotationProbability: probability,
      maxRotation,
      scalingProbability: probability,
      scaling: [0.7, 1.4],
    });
  const { transforms } = nnunetTraining(patch);
  const cropping = spatialWith(0);
  const exponent = [0.7, 1.5] as const, factor = [0.75, 1.25] as const;
  const always = { channelProbability: 1 };
  const cascade = { labels: labels - 1, labelProbability: 1 };
  return {
    pipeline: {
      sample: large,
      act: (copy) => keep(augment(copy, transforms, generator, true)),
    },
    cropping: { sample: large, act: (copy) => keep(cropping.apply(copy, undefined, true)) },
    spatial: alone(spatialWith(1), large),
    gaussianNoise: alone(gaussianNoise({ sigma: [0, 0.1] })),
    gaussianBlur: alone(gaussianBlur({ sigma: [0.5, 1], ...always })),
    brightness: alone(brightness({ factor })),
    contrast: alone(contrast({ factor })),
    lowResolution: alone(lowResolution({ scale: [0.5, 1], ...always, withinSlices: slicewise })),
    gammaInverted: alone(gamma({ exponent, inverted: true })),
    gamma: alone(gamma({ exponent, inverted: false })),
    mirroring: alone(mirroring({ axes: mirrorAxes })),
    binaryOperators: alone(binaryOperators({ ...cascade, radius: [1, 8] }), oneHot),
    componentRemoval: alone(componentRemoval({ ...cascade, maxShare: 0.15 }), oneHot),
  };
}

/** Makes a sample of normally distributed intensities, and labels in cubes or squares. */
function sampleOf(shape: Shape, labels: number, blob: number): Sample {
  const generator = createGenerator(1);
  const counts = shape.map((extent) => Math.floor(extent / blob) + 1);
  const coarse = Uint8Array.from({ length: sizeOf(counts) }, () => generator.integer(0, labels));
  const width = shape[shape.length - 1], height = shape[shape.length - 2];
  const data = Int16Array.from({ length: sizeOf(shape) }, (_, voxel) => {
    const at = [
      Math.floor(voxel / width / height),
      Math.floor(voxel / width) % height,
      voxel % width,
    ]
      .slice(-shape.length);
    return coarse[at.reduce((index, v, axis) => index * counts[axis] + Math.floor(v / blob), 0)];
  });
  return {
    image: {
      shape: [1, ...shape],
      data: Float32Array.from({ length: sizeOf(shape) }, () => generator.normal()),
    },
    segmentation: { shape, data },
  };
}
