/**
 * Times training steps of the browser bench. The function runs in Deno and, as text, in a page, so it
 * uses nothing but its arguments.
 */

import type { Library } from "../browser/library_page.ts";

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
