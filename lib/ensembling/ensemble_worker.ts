/** The worker of `ensembleCases()`: reads the members' probabilities, votes, and writes results. */

import { insertBox } from "../array/insert_box.ts";
import { copyFileAtomically } from "../files/copy_file.ts";
import { writeSegmentation } from "../image/image_files.ts";
import { decodeProperties } from "../interop/case_properties.ts";
import { writeNpz } from "../interop/npz.ts";
import type { Heads } from "../model/heads.ts";
import { serve } from "../runtime/remote.ts";
import { openMember, propertiesOf } from "./member_file.ts";
import { decidedBy, voteOn } from "./merge.ts";
import { beginVote, type Voting } from "./voting.ts";
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
    const vote = beginVote(z * y * x, heads, voting, members.length);
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
    if (probabilities && vote.needsSecondPass) {
      await using reopened = await openAll(members);
      const pieces = decidedBy(reopened.files.map((file) => file.probabilities), vote);
      await writeNpz(probabilities, { probabilities: { shape, pieces } });
    }
    if (probabilities) await copyFileAtomically(properties, propertiesOf(probabilities));
    const data = cropBox ? insertBox(vote.labels, cropBox, geometry.shape) : vote.labels;
    await writeSegmentation(output, { geometry, data });
  },
};

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
