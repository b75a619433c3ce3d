/**
 * Times training steps of the browser bench. The functions run in Deno and, as text, in a page, so
 * they use nothing but their arguments.
 */

import type { Library } from "../browser/library_page.ts";

/** A network to train. */
export interface TrainedNet {
  readonly root: string;
  /** Voxels, (z, y, x). */
  readonly patch: readonly [number, number, number];
  readonly baseFeatures: number;
}

/** Plans and preprocesses phantoms for a network, and returns its features per stage. */
export async function prepareNet(
  { datasetFromCases, generatePhantom, phantomLabels, Planner }: Library,
  { root, patch, baseFeatures }: TrainedNet,
): Promise<readonly number[]> {
  const dataset = await datasetFromCases({
    root,
    id: 1,
    name: "Phantoms",
    channels: ["MRI"],
    classes: Object.keys(phantomLabels).slice(1),
    cases: [1, 2, 3, 4, 5].map((seed) => ({
      name: `phantom_${seed}`,
      ...generatePhantom({ seed }),
    })),
    overwrite: true,
  });
  const overrides = { "3d_fullres": { patchSize: patch, batchSize: 2 } };
  const plans = await new Planner({ baseFeatures, overrides }).plan(dataset);
  await plans.preprocess(dataset, { configurations: ["3d_fullres"], workers: 1 });
  return plans.configuration("3d_fullres").architecture.featuresPerStage;
}

/**
 * Returns the milliseconds of training steps, without augmentation, with one thread for the network.
 * The first step is not counted: compilers and caches are cold.
 */
export async function timeSteps(
  { Plans, Trainer }: Library,
  { root, steps }: { readonly root: string; readonly steps: number },
): Promise<number[]> {
  const trainer = new Trainer(await Plans.open({ root, id: 1 }), "3d_fullres", {
    trainer: "nnUNetTrainerNoDA",
    epochs: 1,
    iterations: steps + 1,
    validationIterations: 1,
    device: "cpu",
    threads: 1,
  });
  const ends: number[] = [];
  const reports = trainer.fit({
    overwrite: true,
    validation: false,
    onProgress: ({ phase }) => phase === "training" && ends.push(performance.now()),
  });
  for await (const _ of reports) { /* one epoch */ }
  return ends.slice(1).map((end, i) => end - ends[i]);
}
