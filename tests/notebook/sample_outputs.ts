/** One output of every kind, to look at and to check. */

import { curveFigure } from "../../lib/display/curve_figure.ts";
import type { TrainingLog } from "../../lib/interop/training_log.ts";
import {
  barFigure,
  chart,
  drawNetwork,
  heat,
  type JobStatus,
  launchTable,
  lineFigure,
  Output,
  plansTable,
  sliceRow,
  slides,
  surfaceView,
  table,
  volumeView,
} from "../../lib/notebook/mod.ts";
import { plans } from "./sample_plans.ts";
import { fill, geometry, size } from "./small_volume.ts";

const radiusAt = (z: number, y: number, x: number) => Math.hypot(2 * (z - 12), y - 16, x - 10);
/** A scan of a ball in a shell, with its truth and a prediction that errs in every way. */
export const sampleCase = {
  image: {
    geometry,
    channels: 1,
    data: fill(new Float32Array(size), (z, y, x) => 40 * Math.sin(radiusAt(z, y, x)) + 3 * y),
  },
  truth: {
    geometry,
    data: fill(new Uint8Array(size), (z, y, x) => labelAt(radiusAt(z, y, x), 5, 8)),
  },
  prediction: {
    geometry,
    data: fill(new Uint8Array(size), (z, y, x) => labelAt(radiusAt(z, y, x - 2), 4, 8)),
  },
  classNames: ["shell", "core"],
};

function labelAt(radius: number, core: number, shell: number): number {
  return radius < core ? 2 : radius < shell ? 1 : 0;
}

const epochs = Array.from({ length: 12 }, (_, i) => i);

/** A training of twelve epochs. */
export const sampleLog: TrainingLog = {
  trainLosses: epochs.map((i) => 0.5 - i / 10),
  valLosses: epochs.map((i) => 0.5 - i / 14),
  meanForegroundDice: epochs.map((i) => i / 14),
  emaForegroundDice: epochs.map((i) => i / 20),
  dicePerClass: epochs.map((i) => [i / 14]),
  learningRates: epochs.map((i) => 0.01 * (1 - i / 12)),
  epochStart: epochs,
  epochEnd: epochs.map((i) => i + 1),
};

/** Jobs of a launch, in different states. */
export const sampleJobs: readonly JobStatus[] = [
  { name: "prepare", stage: "prepare", phase: "done", detail: "", attempts: 1, seconds: 12 },
  {
    name: "train_2d_0",
    stage: "train_2d",
    phase: "running",
    detail: "node7",
    attempts: 1,
    seconds: 120,
    training: { log: sampleLog, epochs: 20, ended: false },
  },
  {
    name: "train_2d_1",
    stage: "train_2d",
    phase: "failed",
    detail: "out of memory",
    attempts: 2,
    seconds: 40,
  },
  { name: "best", stage: "best", phase: "waiting", detail: "Dependency", attempts: 0 },
];

const square = { width: 16, height: 16, values: Array.from({ length: 256 }, (_, i) => i / 255) };

/** Outputs by what they show. */
export const sampleOutputs = {
  lines: () =>
    chart(
      lineFigure(
        ["background", "hippocampus", "amygdala", "cerebellum", "ventricle"].map((name, k) => ({
          name,
          x: epochs,
          y: epochs.map((i) => (i + k) / 25),
        })),
        { title: "Dice of each class", x: "epoch", y: "Dice" },
      ),
      { title: "Dice of each class" },
    ),
  bars: () =>
    chart(
      barFigure([{
        name: "voxels",
        x: ["background", "cortical gray", "cortical white", "lesion"],
        y: [2_400_000, 310_000, 120_000, 41],
      }], { title: "Voxels per class", x: "", y: "voxels", logarithmic: ["y"] }),
      { title: "Voxels per class" },
    ),
  curves: () => chart(curveFigure(sampleLog), { title: "Training, 12 epochs" }),
  volume: () => volumeView({ ...sampleCase, title: "Ball" }),
  surface: () =>
    surfaceView(sampleCase.truth, { classNames: sampleCase.classNames, embedNiivue: true }),
  slides: () =>
    slides(
      "memory",
      [1, 8, 24].map((gigabytes) => ({
        label: `${gigabytes} GB`,
        content: table(["batch"], Array.from({ length: gigabytes }, (_, i) => [i])),
      })),
    ),
  heat: async () =>
    new Output({
      title: "Weights",
      text: "Weights of the voxels of a window: high in the middle",
      png: await sliceRow([
        { title: "scan", ...square },
        {
          title: "weights",
          ...square,
          colors: heat,
          scale: { label: "windows that see a voxel", ends: ["0", "12"] },
        },
      ]),
    }),
  plans: () => plansTable([plans, plans]),
  jobs: () => launchTable(sampleJobs),
  network: () => drawNetwork(plans.configurations["3d_fullres"]!, { heads: 3 }),
} satisfies Record<string, () => Output | Promise<Output>>;
