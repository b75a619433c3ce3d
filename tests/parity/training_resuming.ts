/**
 * Resumes a training that the other side began. With the same batches, the losses must equal those
 * of the side that began it.
 */

import { join } from "@std/path";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { readCheckpoint, writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import type { StepRunner } from "../../lib/training/step/step_runner.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import {
  checkpointOf,
  LEARNING_RATE,
  lossesApart,
  startRunner,
  type StepsJob,
} from "./training_steps.ts";
import type { Subject } from "./training_subjects.ts";

/** Largest differences of losses after resuming, relative to the loss. */
export interface ResumingResult {
  /** Difference between us and nnU-Net after we resumed from nnU-Net's checkpoint. */
  readonly ours: number;
  /** Difference between nnU-Net and us after nnU-Net resumed from our checkpoint. */
  readonly theirs: number;
}

/**
 * Resumes on the other side in the middle of the batches, in both directions.
 *
 * @param job The job that both sides trained on.
 * @param folder Folder for the checkpoints.
 */
export async function compareResuming(
  peer: PythonPeer,
  subject: Subject,
  { job, folder }: { job: StepsJob; folder: string },
): Promise<ResumingResult> {
  const half = Math.floor(job.steps / 2);
  const rest = { skip: half, steps: job.steps - half };
  const [ourFile, theirFile] = ["ours.pth", "theirs.pth"].map((name) => join(folder, name));
  const ask = async (request: object) =>
    (await peer.ask<{ losses: number[] }>({ ...job, ...request })).losses;

  const ourRunner = await startRunner(subject, await readCheckpoint(job.weights));
  await train(ourRunner, job, 0, half);
  await writeCheckpoint(ourFile, await checkpointOf(ourRunner, subject));
  const stayedOurs = await train(ourRunner, job, half, job.steps);
  ourRunner.close();
  const becameTheirs = await ask({ ...rest, resume: ourFile, output: ourFile });

  await ask({ steps: half, output: theirFile });
  const begun = await readCheckpoint(theirFile);
  const stayedTheirs = await ask({ ...rest, resume: theirFile, output: theirFile });
  const newRunner = await startRunner(subject, begun);
  const becameOurs = await train(newRunner, job, half, job.steps);
  newRunner.close();
  return {
    ours: lossesApart(becameOurs, stayedTheirs, 0),
    theirs: lossesApart(becameTheirs, stayedOurs, 0),
  };
}

/** Trains on the job's batches from index `begin` up to, but excluding, `end`. */
async function train(
  runner: StepRunner,
  { batches, shape }: StepsJob,
  begin: number,
  end: number,
): Promise<number[]> {
  const [batchSize, channels, ...patchSize] = shape;
  const elements = sizeOf(shape);
  const voxels = batchSize * sizeOf(patchSize);
  const bytes = await Deno.readFile(batches);
  const losses: number[] = [];
  for (let step = begin; step < end; step++) {
    const [start, middle] = [step * (4 * elements + voxels), 4 * elements];
    const batch = bytes.slice(start, start + middle + voxels);
    const { loss } = await runner.train({
      data: new Float32Array(batch.slice(0, middle).buffer),
      target: batch.slice(middle),
      caseNames: [],
      shape: { batchSize, channels, patchSize },
    }, LEARNING_RATE);
    losses.push(loss);
  }
  return losses;
}
