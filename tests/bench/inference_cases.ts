/** `bench:inference`, cases: compares the prediction of whole folders with nnU-Net's. */

import { join } from "@std/path";
import { readCaseFolder } from "../../lib/dataset/case_folder.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import type { ExportApi } from "../../lib/inference/export_worker.ts";
import type { NetworkApi } from "../../lib/inference/network_worker.ts";
import { openModel } from "../../lib/model/open_model.ts";
import type { PrepareApi } from "../../lib/inference/prepare_worker.ts";
import { targetGrids } from "../../lib/labels/target_grids.ts";
import { Predictor } from "../../lib/predictor.ts";
import { type Api, Remote } from "../../lib/runtime/remote.ts";
import { createStopFlag } from "../../lib/runtime/stop_flag.ts";
import { type BenchModel, makeModel } from "./inference_model.ts";
import type { PythonPeer } from "./python_peer.ts";
import { spreadOf } from "./statistics.ts";

/** Channel names of the data sets, by folder name. */
export const caseSets = { hippocampus: "MRI", ct: "CT" } as const;

/** Target, as a multiple of nnU-Net's speed. */
export const casesTarget = 1.5;

/**
 * Processes that nnU-Net may use for each of reading and export, as we use one worker for each; 0
 * for its sequential prediction, which starts none. The faster of both is compared.
 */
const processCounts = [0, 1];

/** Seconds per stage when stages run one after another. */
type Stages = Record<"reading" | "network" | "export", number>;

/** Figures of a data set. */
export interface CaseFigures {
  /** nnU-Net's time divided by ours. */
  readonly ratio: number;
  /** Seconds per case. */
  readonly stages: { readonly ours: Stages; readonly nnunet: Stages };
  /** Share of voxels with the same label. */
  readonly agreement: number;
}

/**
 * Predicts a folder on both sides, alternating, from opening the model to the last label map. Both
 * sides' programs are warm: they have predicted the folder before.
 */
export async function compareCases(
  peer: PythonPeer,
  name: keyof typeof caseSets,
  { data, root, threads, rounds, cases }: {
    readonly data: string;
    readonly root: string;
    readonly threads: number;
    readonly rounds: number;
    readonly cases: number;
  },
): Promise<CaseFigures> {
  const folder = join(root, name);
  const made = await makeModel(join(data, name), folder, { channel: caseSets[name], cases });
  const { model, input } = made;
  const [own, other] = [join(folder, "ours"), join(folder, "theirs")];
  const ours: number[] = [];
  const theirs: number[] = [];
  const theirSeconds = async (processes: number) =>
    (await peer.ask<{ seconds: number }>({
      predict: { model, input, output: other, threads, processes },
    })).seconds;
  const candidates: number[] = [];
  await theirSeconds(processCounts[0]); // Warms up libraries.
  for (const processes of processCounts) candidates.push(await theirSeconds(processes));
  const processes = processCounts[candidates.indexOf(Math.min(...candidates))];
  for (let round = 0; round <= rounds; round++) {
    const seconds = await theirSeconds(processes);
    const begin = performance.now();
    using predictor = await Predictor.open(model, { threads, device: "cpu" });
    await predictor.predictFolder({ input, output: own });
    if (round === 0) continue; // Warms up caches and the compiler.
    theirs.push(seconds);
    ours.push((performance.now() - begin) / 1000);
  }
  const stages = {
    ours: await ourStages(made, own, threads),
    nnunet: perCase(
      await peer.ask<Stages>({ stages: { model, input, output: other, threads } }),
      made,
    ),
  };
  const ratio = spreadOf(theirs).median / spreadOf(ours).median;
  const agreement = await agreementOf(own, other);
  console.log(
    `${name}, ${made.cases} cases, patch ${
      made.patchSize.join("×")
    }, median of ${rounds}: nnU-Net ` +
      `${formatSeconds(theirs)} s ${
        processes === 0 ? "sequentially" : "in processes"
      } (the other way ${Math.max(...candidates).toFixed(2)} s), ours ${formatSeconds(ours)} s: ${
        ratio.toFixed(2)
      }×; ` +
      `${(100 * agreement).toFixed(2)} % of voxels agree`,
  );
  for (const side of ["nnunet", "ours"] as const) {
    const figures = Object.entries(stages[side]).map(([stage, s]) => `${stage} ${s.toFixed(3)}`);
    console.log(
      `  ${side === "ours" ? "ours" : "nnU-Net"}, seconds per case: ${figures.join(", ")}`,
    );
  }
  return { ratio, stages, agreement };
}

function formatSeconds(values: readonly number[]): string {
  const { median, low, high } = spreadOf(values);
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function perCase({ reading, network, export: exporting }: Stages, { cases }: BenchModel): Stages {
  return { reading: reading / cases, network: network / cases, export: exporting / cases };
}

/** Times our stages in the pipeline's three workers, but one case after another. */
async function ourStages(made: BenchModel, output: string, threads: number): Promise<Stages> {
  const { model, input, patchSize } = made;
  const { models, ...facts } = await openModel(model);
  const { configuration, datasetJson: { fileEnding }, heads, mirrorAxes } = facts;
  const [reader, network, writer] = await Promise.all([
    connect<PrepareApi>("prepare_worker.ts"),
    connect<NetworkApi>("network_worker.ts"),
    connect<ExportApi>("export_worker.ts"),
  ]);
  const stages = { reading: 0, network: 0, export: 0 };
  const timed = async <T>(stage: keyof Stages, work: Promise<T>) => {
    const begin = performance.now();
    const result = await work;
    stages[stage] += (performance.now() - begin) / 1000;
    return result;
  };
  try {
    await reader.call("open", [facts, threads]);
    await network.call("open", [
      { models, tileSize: patchSize, heads, mirrorAxes, threads },
    ]);
    await writer.call("open", [facts]);
    const stop = createStopFlag();
    for (const { name, images } of (await readCaseFolder(input, fileEnding)).cases) {
      const segmentation = join(output, name + fileEnding);
      const job = { name, source: { files: images }, output: { segmentation } };
      const { data, properties } = await timed("reading", reader.call("prepare", [job, stop]));
      const grids = targetGrids(properties, configuration);
      const prediction = await timed(
        "network",
        network.call("predict", [data, grids, false, stop]),
      );
      await timed("export", writer.call("write", [job, prediction, properties]));
    }
  } finally {
    for (const worker of [reader, network, writer]) worker.close();
  }
  return perCase(stages, made);
}

function connect<A extends Api>(module: string): Promise<Remote<A>> {
  return Remote.connect<A>(import.meta.resolve(`../../lib/inference/${module}`));
}

async function agreementOf(own: string, other: string): Promise<number> {
  let same = 0;
  let voxels = 0;
  for await (const { name } of Deno.readDir(own)) {
    if (!name.endsWith(".nii.gz")) continue;
    const a = (await readSegmentation(join(own, name))).data;
    const b = (await readSegmentation(join(other, name))).data;
    a.forEach((label, i) => same += Number(label === b[i]));
    voxels += a.length;
  }
  return same / voxels;
}
