/** Runs in a worker: merges the members of an ensemble, and postprocesses label maps. */

import type { NdArray } from "../array/nd_array.ts";
import { sameShape } from "../array/nd_array.ts";
import type { Voting } from "../ensembling/voting.ts";
import { beginVote } from "../ensembling/voting.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";
import type { Segmentation } from "../image/image.ts";
import { segmentationAsStored } from "../image/reorient.ts";
import { restoreProbabilities } from "../labels/restore_probabilities.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { applySteps } from "../postprocessing/steps.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { serve, Transferred } from "../runtime/remote.ts";

/** A member's prediction of a scan. */
interface Member {
  readonly facts: ModelFacts;
  readonly logits: NdArray<Float32Array<ArrayBuffer>>;
  readonly properties: CaseProperties;
}

let members: Member[] = [];

const api = {
  /** Adds a member's prediction of the current scan. @param logits On its plan's grid. */
  add(
    facts: ModelFacts,
    logits: NdArray<Float32Array<ArrayBuffer>>,
    properties: CaseProperties,
  ): void {
    members.push({ facts, logits, properties });
  },

  /**
   * Merges the members' probabilities into a label map, one head at a time, as `ensembleFolders()`
   * does with files; forgets the members.
   */
  async merge(voting: Voting) {
    const voters = members;
    members = [];
    const [{ facts: { heads }, properties: { geometry } }] = voters;
    const probabilities = await Promise.all(
      voters.map(({ facts, logits, properties }) =>
        restoreProbabilities(logits, { ...facts, properties })
      ),
    );
    const [{ shape }] = probabilities;
    for (const other of probabilities) {
      if (sameShape(other.shape, shape)) continue;
      throw new RangeError(
        `Cannot merge the members: their probabilities have shapes [${shape}] and [${other.shape}]`,
      );
    }
    const vote = beginVote(shape[1] * shape[2] * shape[3], heads, voting, voters.length);
    const readers = probabilities.map(({ pieces }) => iterator(pieces));
    for (let head = 0; head < heads.count; head++) {
      const values: Float32Array[] = [];
      for (const reader of readers) values.push((await reader.next()).value as Float32Array);
      vote.take(head, 0, values);
    }
    return moved(segmentationAsStored({ geometry, data: vote.labels }));
  },

  /** Applies postprocessing to a label map. */
  postprocess(segmentation: Segmentation, steps: readonly PostprocessingStep[]) {
    return moved(applySteps(segmentation, steps));
  },
};

function moved(segmentation: Segmentation): Transferred<Segmentation> {
  return new Transferred(segmentation, [segmentation.data.buffer]);
}

function iterator<T>(pieces: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in pieces
    ? pieces[Symbol.asyncIterator]()
    : pieces[Symbol.iterator]();
}

/** The functions that the worker serves. */
export type ResultApi = typeof api;

serve(api);
