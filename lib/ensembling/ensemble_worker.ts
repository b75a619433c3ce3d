/** The worker of `ensembleCases()`: reads the members' probabilities, votes, and writes results. */

import { insertBox } from "../array/insert_box.ts";
import { newLabels } from "../array/labels.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import { writeSegmentation } from "../image/image_files.ts";
import { decodeProperties } from "../interop/case_properties.ts";
import { writeNpz } from "../interop/npz.ts";
import { type HeadTaker, labelRuleOf } from "../labels/label_rule.ts";
import type { Heads } from "../model/heads.ts";
import { serve } from "../runtime/remote.ts";
import { openMember, propertiesOf } from "./member_file.ts";
import { decidedBy, voteOn } from "./merge.ts";
import { beginVote, hasThresholds, type Voting } from "./voting.ts";
import { readFile } from "../platform/files.ts";

/** A case to merge. */
export interface EnsembleJob {
  /** One `.npz` file per member, all of the same shape. */
  readonly members: readonly string[];
  /** Meaning of the output channels of all members. */
  readonly heads: Heads;
  readonly voting: Voting;
  /** Path of the label map. */
  readonly output: string;
  /** Path of the merged probabilities, next to which their properties are written, if requested. */
  readonly probabilities?: string;
}

const api = {
  /** Merges a case. */
  async merge({ members, heads, voting, output, probabilities }: EnsembleJob): Promise<void> {
    const readers = await openAll(members);
    const { shape } = readers.files[0].probabilities;
    const [, z, y, x] = shape;
    const properties = propertiesOf(members[0]);
    const { geometry, cropBox } = decodeProperties(
      await readFile(properties),
      [z, y, x],
      properties,
    );
    const voxels = z * y * x;
    const vote = beginVote(voxels, heads, voting, members.length);
    let { labels } = vote;
    {
      await using opened = readers;
      const arrays = opened.files.map((file) => file.probabilities);
      const merged = voteOn(arrays, vote);
      if (probabilities && !vote.needsSecondPass) {
        await writeNpz(probabilities, { probabilities: { shape, pieces: merged } });
      } else {
        for await (const _ of merged); // Runs the vote for its labels.
      }
      for (const array of arrays) await array.finish();
    }
    if (vote.needsSecondPass && (probabilities || hasThresholds(heads))) {
      await using reopened = await openAll(members);
      const merged = decidedBy(reopened.files.map((file) => file.probabilities), vote);
      const rule = labelRuleOf(heads, "probabilities");
      const pieces = hasThresholds(heads)
        ? decideFrom(merged, voxels, rule.decide(labels = newLabels(rule.highestLabel, voxels)))
        : merged;
      if (probabilities) await writeNpz(probabilities, { probabilities: { shape, pieces } });
      else for await (const _ of pieces); // Decides the labels.
    }
    if (probabilities) await copyFileAtomically(properties, propertiesOf(probabilities));
    const data = cropBox ? insertBox(labels, cropBox, geometry.shape) : labels;
    await writeSegmentation(output, { geometry, data });
  },
};

/** Passes on merged probabilities, (heads, z, y, x) in C order, once labels are decided from them. */
async function* decideFrom(
  pieces: AsyncIterable<Float32Array>,
  voxels: number,
  decide: HeadTaker,
): AsyncGenerator<Float32Array, void, undefined> {
  let position = 0;
  for await (const piece of pieces) {
    decide(Math.floor(position / voxels), piece, position % voxels); // A piece is of one head.
    position += piece.length;
    yield piece;
  }
}

async function openAll(paths: readonly string[]) {
  const files: Awaited<ReturnType<typeof openMember>>[] = [];
  const close = async () => {
    for (const file of files) await file[Symbol.asyncDispose]();
  };
  try {
    for (const path of paths) files.push(await openMember(path));
  } catch (error) {
    await close();
    throw error;
  }
  return { files, [Symbol.asyncDispose]: close };
}

/** Functions of the worker. */
export type EnsembleApi = typeof api;

serve(api);
