/**
 * `deno task parity:training`: runs nnunetv2's trainer on the CPU and compares training with ours.
 *
 * There are five parts. `steps` trains with the same batches from the same weights in every
 * configuration. `resuming` does the same, but the other side resumes in the middle, and compares
 * the losses after it. `round-trips` passes trainings from one side to the other and compares
 * predictions. `inputs` compares the distributions of what `steps` leaves out: initial weights,
 * patches and augmentation. `outcome` compares the Dice of whole trainings on four data sets with
 * several seeds and states a two-sided interval of the difference (95 %, Welch); that takes hours.
 * Hippocampus scans are read from the folder NNUNET_TEST_DATA; without it, `inputs` and that data
 * set of `outcome` are skipped, the first three parts use generated scans, and `--check` fails.
 *
 * `--parts a,b` selects parts and `--only a,b` configurations. `--steps N` sets the number of steps
 * (by default 50) and `--batches N` that of the batches whose samples are compared (1000).
 *
 * For `outcome`, `--data a,b` selects data sets (hippocampus, pictures, phantoms, thick), `--seeds`
 * (by default 4) and `--first-seed` (0) the trainings on each side, and `--epochs` and
 * `--iterations` their length. Finished trainings are kept in `.cache/outcome`, so that the task
 * can be stopped and started again; `--fresh` repeats them. `--check` fails if a target is missed.
 */

import { join } from "@std/path";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { PythonPeer } from "../bench/python_peer.ts";
import { taskOptions } from "../task_options.ts";
import { outcomeDatasets } from "./outcome_datasets.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";
import { sharePlan } from "./shared_plan.ts";
import { compareInputs, type Furthest } from "./training_inputs.ts";
import { compareOutcomes } from "./training_outcome.ts";
import { compareResuming } from "./training_resuming.ts";
import { compareRoundTrip } from "./training_round_trips.ts";
import { compareSteps, type Distance } from "./training_steps.ts";
import { hippocampusScans, makeSubjects } from "./training_subjects.ts";

/** Relative tolerance of losses and of the final weights. */
const TOLERANCE = 1e-3;
/** Share of voxels that must have the same label. */
const SAME_VOXELS = 0.9999;
/**
 * Limits for the statistics that differ most: in standard errors, and in D as {@link compareInputs}
 * computes it. With a few hundred equal statistics, chance exceeds a limit in about one of a
 * thousand comparisons.
 */
const CHANCE = { errors: 4.5, distribution: 2.5 } as const;

const options = taskOptions(import.meta.url, {
  parts: { type: "string", default: "steps,resuming,round-trips,inputs,outcome" },
  only: { type: "string" },
  steps: { type: "string", default: "50" },
  batches: { type: "string", default: "1000" },
  data: { type: "string", default: outcomeDatasets.map(({ key }) => key).join(",") },
  epochs: { type: "string" },
  iterations: { type: "string" },
  seeds: { type: "string", default: "4" },
  "first-seed": { type: "string", default: "0" },
  fresh: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
});
const knownParts = ["steps", "resuming", "round-trips", "inputs", "outcome"];
const parts = options.parts.split(",");
if (!parts.every((part) => knownParts.includes(part))) {
  console.error(`Cannot train: found --parts ${options.parts}, expected some of ${knownParts}`);
  Deno.exit(2);
}

const root = await Deno.makeTempDir({ prefix: "parity_training_" });
const pythonPreprocessed = join(root, "python_preprocessed");
const figures: string[] = [];
const missed: string[] = [];
try {
  const peer = await PythonPeer.start(new URL("./training.py", import.meta.url));
  try {
    await peer.ask({
      command: "hello",
      environment: {
        nnUNet_raw: join(root, "nnUNet_raw"),
        nnUNet_preprocessed: pythonPreprocessed,
        nnUNet_results: join(root, "python_results"),
        nnUNet_n_proc_DA: "2",
        nnUNet_def_n_proc: "1",
      },
    });
    if (["steps", "resuming", "round-trips"].some((part) => parts.includes(part))) {
      await compareSubjects(peer);
    }
    if (parts.includes("inputs")) await reportInputs(peer);
    if (parts.includes("outcome")) await reportOutcomes(peer);
  } finally {
    peer.close();
  }
  for (const what of missed) console.log(`missed: ${what}`);
  console.log(`training parity with nnunetv2: ${figures.join("; ")}`);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  missed.push("no reference to compare with");
  console.log(error.message);
  console.log("training parity with nnunetv2: no reference to compare with");
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

function show(value: number): string {
  return value.toExponential(1);
}

async function compareSubjects(peer: PythonPeer): Promise<void> {
  const chosen = options.only?.split(",");
  if (realScansFolder === undefined) missed.push(`steps on generated scans: ${realScansMissing}`);
  const { subjects, dataset } = await makeSubjects(root);
  let loss = 0;
  let lossItself = 0;
  let weights = 0;
  let resumed = 0;
  let share = 1;
  let count = 0;
  for (const subject of subjects) {
    const { name } = subject;
    if (chosen && !chosen.includes(name)) continue;
    count++;
    const begun = join(root, `${name}.pth`);
    const steps = { steps: Number(options.steps), folder: root, output: begun };
    const result = await compareSteps(peer, subject, steps);
    const { difference, pytorch, fromExact } = result;
    console.log(
      `${name}: ${options.steps} steps, losses within ${
        show(difference.loss)
      } (of the loss itself ` +
        `${show(difference.lossItself)}), final weights within ${
          show(difference.weights)
        }; PyTorch with ` +
        `its other kernels: losses ${show(pytorch.loss)} (${show(pytorch.lossItself)}), weights ` +
        `${show(pytorch.weights)}`,
    );
    const fromDouble = (of: keyof Distance) => {
      const { ours, pytorch, otherKernels } = fromExact;
      return `ours ${show(ours[of])}, PyTorch ${show(pytorch[of])}, its other kernels ` +
        show(otherKernels[of]);
    };
    console.log(
      `${name}, from PyTorch in float64: losses ${fromDouble("loss")}; of the loss itself ` +
        `${fromDouble("lossItself")}; weights ${fromDouble("weights")}`,
    );
    if (!(difference.lossItself <= TOLERANCE)) {
      missed.push(
        `${name}, losses: ${
          show(difference.lossItself)
        } of the loss itself, which passes through ` +
          `zero; PyTorch from itself ${show(pytorch.lossItself)}; from float64 ` +
          fromDouble("lossItself"),
      );
    }
    if (!(difference.weights <= TOLERANCE)) {
      missed.push(
        `${name}, weights: ${show(difference.weights)}; PyTorch from itself ${
          show(pytorch.weights)
        }; ` +
          `from float64 ${fromDouble("weights")}`,
      );
    }
    loss = Math.max(loss, difference.loss);
    lossItself = Math.max(lossItself, difference.lossItself);
    weights = Math.max(weights, difference.weights);
    if (parts.includes("resuming")) {
      const { ours, theirs } = await compareResuming(peer, subject, {
        job: result.job,
        folder: root,
      });
      console.log(
        `${name}: losses after we resumed from nnU-Net's checkpoint within ${show(ours)}, ` +
          `after nnU-Net resumed from ours within ${show(theirs)}`,
      );
      resumed = Math.max(resumed, ours, theirs);
      if (!(Math.max(ours, theirs) <= TOLERANCE)) missed.push(`${name}, losses after resuming`);
    }
    if (!parts.includes("round-trips")) continue;
    const folder = join(root, "predicted", name);
    const same = await compareRoundTrip(peer, subject, { begun, job: result.job, dataset, folder });
    console.log(`${name}: passed on twice, ${(100 * same).toFixed(4)} % of voxels agree`);
    if (!(same >= SAME_VOXELS)) missed.push(`${name}, predictions`);
    share = Math.min(share, same);
  }
  if (count === 0) throw new RangeError(`Cannot train: found no configuration "${options.only}"`);
  figures.push(
    `${count} configurations, losses within ${show(lossItself)} of the loss itself ` +
      `(${show(loss)} of its distance from -1), weights within ${show(weights)}`,
  );
  if (parts.includes("resuming")) figures.push(`losses after resuming within ${show(resumed)}`);
  if (parts.includes("round-trips")) {
    figures.push(`round trips ${(100 * share).toFixed(4)} % of voxels agree`);
  }
}

async function reportInputs(peer: PythonPeer): Promise<void> {
  const scans = hippocampusScans();
  if (!scans) {
    missed.push(`inputs: ${realScansMissing}`);
    return;
  }
  const shared = await sharePlan(peer, {
    id: 9,
    scans,
    root,
    pythonPreprocessed,
    channels: ["MRI"],
    classes: ["anterior", "posterior"],
    configuration: "3d_fullres",
    planning: { baseFeatures: 16, overrides: { "3d_fullres": { batchSize: 2 } } },
  });
  const found = await compareInputs(peer, shared, Number(options.batches));
  const { weights, means, distributions } = found;
  const shown = ({ distance, name }: Furthest) => `${distance.toFixed(1)} (${name})`;
  console.log(
    `inputs, largest differences: initial weights ${shown(weights)} and means of samples ` +
      `${shown(means)} standard errors, distributions ${shown(distributions)} of Kolmogorov's D`,
  );
  for (const [what, furthest] of Object.entries(found)) {
    const limit = what === "distributions" ? CHANCE.distribution : CHANCE.errors;
    if (!(furthest.distance <= limit)) missed.push(`inputs, ${what}: ${shown(furthest)}`);
  }
  figures.push(
    `inputs within ${Math.max(weights.distance, means.distance).toFixed(1)} standard errors`,
  );
}

async function reportOutcomes(peer: PythonPeer): Promise<void> {
  const chosen = options.data.split(",");
  for (const key of chosen) {
    const dataset = outcomeDatasets.find((each) => each.key === key);
    if (!dataset) throw new RangeError(`Cannot train: found no data set "${key}"`);
    const { figure, missed: miss } = await compareOutcomes(peer, {
      ...dataset,
      epochs: Number(options.epochs ?? dataset.epochs),
      iterations: Number(options.iterations ?? dataset.iterations),
    }, {
      seeds: Number(options.seeds),
      firstSeed: Number(options["first-seed"]),
      fresh: options.fresh,
      root,
      pythonPreprocessed,
    });
    console.log(figure);
    figures.push(figure);
    if (miss !== undefined) missed.push(miss);
  }
}
