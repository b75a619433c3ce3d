/**
 * `deno task bench:preprocessing`: compares preprocessing of whole cases with nnU-Net's.
 *
 * Both sides alternate reading, cropping, normalising, resampling and storing the same cases with
 * the same parallelism, and both store without compression, as we always do; nnU-Net's default,
 * LZ4HC at level 5, takes longer. Both sides' processes are warm, since starting them would weigh
 * more with eight cases than with a data set's. Steps are measured in one warm process each. `--check` fails if a target is missed, `--rounds N` sets the
 * number of rounds, and `--subjects head,body` selects subjects.
 */

import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { planDataset } from "../../lib/planning/plan_dataset.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { preprocessDataset } from "../../lib/preprocessing/preprocess_dataset.ts";
import type { PreprocessJob } from "../../lib/preprocessing/preprocess_worker.ts";
import { openCase } from "../../lib/preprocessing/storage.ts";
import { taskOptions } from "../task_options.ts";
import { plansOf } from "./preprocessing_plans.ts";
import { steps, type StepTimes, timeSteps } from "./preprocessing_steps.ts";
import { MachineRate } from "./machine_rate.ts";
import { PythonPeer } from "./python_peer.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

const targets = { resampling: 15, peak: 4, planningSeconds: 1 };
const processes = 2;
const casesPerRun = 8;

const subjects = [
  {
    name: "head, 256×256×160 at 1 mm to 0.8 mm",
    kind: "head",
    total: 8,
    shape: [160, 256, 256],
    spacing: [1, 1, 1],
    recipe: {
      spacing: [0.8, 0.8, 0.8],
      schemes: ["ZScoreNormalization"],
      useMask: [true],
      labels: 3,
    },
  },
  {
    name: "body, 512×512×100 at 0.7×0.7×5 mm to 0.875×0.875×5 mm",
    kind: "body",
    // Slices are resampled within their planes only, so that reading, which takes both sides nearly
    // as long, is a larger part.
    total: 6,
    shape: [100, 512, 512],
    spacing: [5, 0.7, 0.7],
    recipe: {
      spacing: [5, 0.875, 0.875],
      schemes: ["CTNormalization"],
      useMask: [false],
      labels: 3,
    },
  },
] as const;

/** Python's figures of one case: seconds per step and in total, and peak memory. */
type PeerCase = Record<typeof steps[number] | "total" | "peakBytes", number>;

/** Python's figures of a run over cases. */
interface PeerRun {
  readonly seconds: number;
  readonly cases: readonly PeerCase[];
}

interface Figures {
  readonly subject: string;
  readonly total: number;
  /** The total's target. */
  readonly target: number;
  readonly resampling: number;
  /** Memory as a multiple of the scan's float32 size. */
  readonly peak: number | undefined;
}

const options = taskOptions(import.meta.url, {
  check: { type: "boolean", default: false },
  rounds: { type: "string", default: "3" },
  subjects: { type: "string", default: subjects.map(({ kind }) => kind).join() },
});
const rounds = Number(options.rounds);

const planningSeconds = timePlanning(2000);
const folder = await Deno.makeTempDir({ prefix: "bench_preprocessing_" });
const peer = await PythonPeer.start(new URL("./preprocessing.py", import.meta.url));
const figures: Figures[] = [];
try {
  const packages = ["nnunetv2", "numpy", "scikit-image", "scipy", "SimpleITK", "blosc2"];
  const versions = await peer.ask<Record<string, string>>({ versions: packages });
  console.log(
    `Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${processes} processes; ` +
      packages.map((name) => `${name} ${versions[name]}`).join(", "),
  );
  using rate = await MachineRate.start();
  await rate.measure();
  const chosen = options.subjects.split(",");
  for (const subject of subjects) {
    if (chosen.includes(subject.kind)) figures.push(await measure(subject));
  }
} finally {
  peer.close();
  await Deno.remove(folder, { recursive: true });
}
console.log(
  "preprocessing: " +
    figures.map(({ subject, total, resampling, peak }) =>
      `${subject.split(",")[0]} ${total.toFixed(1)}× in all, ${
        resampling.toFixed(1)
      }× resampling, ` +
      `peak ${peak?.toFixed(1) ?? "?"}× its size`
    ).join("; ") + `; planning 2000 cases ${planningSeconds.toFixed(3)} s`,
);
const missed = planningSeconds > targets.planningSeconds ||
  figures.some(({ total, target, resampling, peak }) =>
    total < target || resampling < targets.resampling ||
    (peak !== undefined && peak > targets.peak)
  );
if (missed) {
  console.log(
    `missed: expected ${figures.map(({ target }) => `${target}×`).join(" and ")} in all, ` +
      `${targets.resampling}× resampling, ` +
      `at most ${targets.peak}× in memory and ${targets.planningSeconds} s of planning`,
  );
}
Deno.exit(options.check && missed ? 1 : 0);

/** Median seconds of planning all configurations of a data set whose cases all differ. */
function timePlanning(cases: number): number {
  const generator = createGenerator(0);
  const vary = (value: number) => value * (0.8 + 0.4 * generator.uniform());
  const spacings = Array.from({ length: cases }, () => [vary(2), vary(0.8), vary(0.8)]);
  const shapesAfterCrop = spacings.map(() => [vary(200), vary(500), vary(500)].map(Math.round));
  const fingerprint = {
    spacings,
    shapesAfterCrop,
    medianRelativeSizeAfterCropping: 1,
    intensityProperties: [],
  };
  const facts = {
    datasetName: "Dataset001_Bench",
    channelNames: ["CT"],
    labelCount: 14,
    trainingCases: cases,
    imageReaderWriter: "SimpleITKIO",
  };
  const seconds = Array.from({ length: rounds }, () => {
    const begin = performance.now();
    planDataset(fingerprint, facts);
    return (performance.now() - begin) / 1000;
  });
  return spreadOf(seconds).median;
}

async function measure(subject: typeof subjects[number]): Promise<Figures> {
  const { name, kind, shape, spacing, recipe } = subject;
  const { plans, configuration, labels, python } = plansOf(recipe);
  const image = join(folder, `${kind}_0000.nii.gz`);
  const label = join(folder, `${kind}.nii.gz`);
  await peer.ask({ make: { shape, spacing, kind, image, label } });
  const outputs = join(folder, kind);
  await Deno.mkdir(outputs, { recursive: true });

  const ourJob: PreprocessJob = {
    name: "alone",
    images: [image],
    label,
    folder: outputs,
    fingerprint: "",
    recipe: "",
    plansData: plans,
    configuration,
    labels,
    reader: plans.imageReaderWriter,
    threads: 1,
  };
  const peerJobs = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...python,
      images: [image],
      label,
      output: join(outputs, `python_${i}`),
    }));
  const ours = { steps: [] as StepTimes[], total: [] as number[] };
  const theirs = { steps: [] as PeerCase[], total: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const [peerSteps, peerTotal] = [
      await peer.ask<PeerRun>({ run: peerJobs(1), processes: 1, fresh: false }),
      await peer.ask<PeerRun>({ run: peerJobs(casesPerRun), processes, fresh: false }),
    ];
    const ourSteps = await timeSteps(ourJob);
    // Python's processes are warm. So are our workers when the first of them has done a case: the
    // clock starts then, when the others' first cases are not quite done.
    let begin: number | undefined;
    await preprocessDataset({
      cases: Array.from(
        { length: processes + casesPerRun },
        (_, i) => ({ name: `case ${i} of round ${round}`, images: [image], label }),
      ),
      plansData: plans,
      configuration,
      labels,
      folder: join(outputs, `round ${round}`), // Separate: other cases in a folder are removed.
      workers: processes,
      onCase: () => begin ??= performance.now(),
    });
    const ourTotal = performance.now() - begin!;
    if (round === 0) continue; // Warms up compilers and the file cache.
    ours.steps.push(ourSteps);
    ours.total.push(ourTotal);
    theirs.steps.push(peerSteps.cases[0]);
    theirs.total.push(1000 * peerTotal.seconds);
  }

  console.log(`\n${name}; ms, median (range) of ${rounds} rounds, one case in one process:`);
  const ratios = new Map<string, number>();
  const report = (step: string, own: readonly number[], other: readonly number[]) => {
    const ratio = spreadOf(other.map((value, i) => value / own[i])).median;
    ratios.set(step, ratio);
    console.log(
      `  ${step.padEnd(24)}${formatMilliseconds(own).padStart(18)}` +
        `${formatMilliseconds(other).padStart(24)} in Python: ${ratio.toFixed(1)}×`,
    );
  };
  for (const step of steps) {
    report(
      step,
      ours.steps.map((times) => times[step]),
      theirs.steps.map((times) => 1000 * times[step]),
    );
  }
  report(`${casesPerRun} cases, ${processes} processes`, ours.total, theirs.total);
  const whole = [...ratios.values()].at(-1)!;
  const stored = await openCase(outputs, "alone");
  const size = 4 * Math.max(sizeOf(shape), sizeOf(stored.shape));
  const peak = await peaks(ourJob, peerJobs(1), size);
  return {
    subject: name,
    total: whole,
    target: subject.total,
    resampling: ratios.get("resampling")!,
    peak,
  };
}

/** Prints both sides' peak memory; ours as a multiple of the case's size, undefined off Linux. */
async function peaks(job: PreprocessJob, peerJobs: readonly unknown[], size: number) {
  const { cases: [theirs] } = await peer.ask<PeerRun>({ run: peerJobs, processes: 1, fresh: true });
  if (Deno.build.os !== "linux") return undefined;
  const script = fileURLToPath(new URL("./preprocessing_peak.ts", import.meta.url));
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, JSON.stringify(job)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot measure memory: the process failed, expected a number");
  const ours = Number(new TextDecoder().decode(stdout));
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  console.log(
    `  peak memory above idle, MB  ${megabytes(ours)}  ${megabytes(theirs.peakBytes)} in Python; ` +
      `the larger of scan and result is ${megabytes(size)} MB of float32`,
  );
  return ours / size;
}
