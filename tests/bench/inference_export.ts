/** `bench:inference`, export: compares labels from logits on a finer grid with nnU-Net's. */

import { fileURLToPath } from "node:url";
import type { ExportJob } from "./inference_export_once.ts";
import { plansOf } from "./preprocessing_plans.ts";
import type { PythonPeer } from "./python_peer.ts";
import { spreadOf } from "./statistics.ts";

/** Targets for 118 classes, as multiples of nnU-Net's speed and memory. */
export const exportTargets = { speed: 10, memory: 0.1 };

/** Time and memory of one side, in a separate process. */
interface Cost {
  readonly seconds: number;
  /** Peak above the logits and the idle process. */
  readonly peakBytes: number;
}

/** Comparison of both sides. */
export interface ExportFigures {
  readonly classes: number;
  readonly ratio: number;
  /** Our peak divided by theirs. */
  readonly memory: number;
}

/** Exports 128³ → 256³ on both sides, alternating. nnU-Net resamples on one thread. */
export async function compareExport(
  peer: PythonPeer,
  classes: number,
  { threads, rounds }: { readonly threads: number; readonly rounds: number },
): Promise<ExportFigures> {
  const job: ExportJob = {
    heads: classes,
    from: [128, 128, 128],
    to: [256, 256, 256],
    planned: [2, 2, 2],
    spacing: [1, 1, 1],
    threads,
  };
  const { python } = plansOf({
    spacing: job.planned,
    schemes: ["CTNormalization"],
    useMask: [false],
    labels: classes - 1,
  });
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(await peer.ask<Cost>({ export: { ...python, ...job } }));
    ours.push(await exportOnce(job));
  }
  const seconds = (costs: readonly Cost[]) => {
    const { median, low, high } = spreadOf(costs.map((cost) => cost.seconds));
    return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  };
  const megabytes = (costs: readonly Cost[]) => peakOf(costs) / 1e6;
  const ratio = spreadOf(theirs.map((cost) => cost.seconds)).median /
    spreadOf(ours.map((cost) => cost.seconds)).median;
  console.log(
    `export of ${classes} classes, 128³ → 256³, median of ${rounds}: nnU-Net ${
      seconds(theirs)
    } s, ` +
      `ours ${seconds(ours)} s: ${ratio.toFixed(1)}×; peak memory above the logits ` +
      `${megabytes(theirs).toFixed(0)} MB, ours ${megabytes(ours).toFixed(0)} MB`,
  );
  return { classes, ratio, memory: peakOf(ours) / peakOf(theirs) };
}

function peakOf(costs: readonly Cost[]): number {
  return spreadOf(costs.map(({ peakBytes }) => peakBytes)).median;
}

async function exportOnce(job: ExportJob): Promise<Cost> {
  const script = fileURLToPath(new URL("./inference_export_once.ts", import.meta.url));
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, JSON.stringify(job)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot measure export: the process failed, expected figures");
  return JSON.parse(new TextDecoder().decode(stdout));
}
