/**
 * `deno task bench:epoch`: compares an epoch on the CPU, including loading and augmentation, with
 * nnU-Net's trainer on the same plan and scans.
 *
 * Both sides alternate, some iterations each; nnU-Net trains as it is, with channels first. Hippocampus is read from the folder NNUNET_TEST_DATA.
 * `--base_features N` and `--batch N` enlarge the plan's network and batches, `--loaders N` sets
 * the number of loading processes of both sides, `--iterations N` and `--rounds N` measure longer,
 * and `--check` fails if ours is slower or waits for 5 % of the time.
 */

import { join } from "@std/path";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { createSplits, selectFold } from "../../lib/dataset/splits.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import type { Plans } from "../../lib/plans.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { BatchLoader } from "../../lib/training/batches/batch_loader.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import type { StepParts } from "../../lib/training/step/step_graph.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { realScansMissing } from "../parity/real_scans.ts";
import { sharePlan } from "../parity/shared_plan.ts";
import { hippocampusScans } from "../parity/training_subjects.ts";
import { taskOptions } from "../task_options.ts";
import { MachineRate } from "./machine_rate.ts";
import { stepOperations } from "./operations.ts";
import { PythonPeer } from "./python_peer.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

const configuration = "3d_fullres";
/** Share of the time that training may spend waiting. */
const LONGEST_WAIT = 0.05;
/** Validation iterations per training iteration, as in nnU-Net's epochs. */
const VALIDATION_SHARE = 50 / 250;

const options = taskOptions(import.meta.url, {
  base_features: { type: "string", default: "16" },
  batch: { type: "string", default: "2" },
  loaders: { type: "string", default: "1" },
  iterations: { type: "string", default: "30" },
  rounds: { type: "string", default: "3" },
  check: { type: "boolean", default: false },
});
const [baseFeatures, batchSize, loaders, iterations, rounds] = [
  options.base_features,
  options.batch,
  options.loaders,
  options.iterations,
  options.rounds,
].map(Number);

const scans = hippocampusScans();
if (!scans) {
  console.log(`epoch: ${realScansMissing}`);
  Deno.exit(options.check ? 1 : 0);
}
const root = await Deno.makeTempDir({ prefix: "bench_epoch_" });
let isMissed = false;
try {
  const peer = await PythonPeer.start(new URL("../parity/training.py", import.meta.url));
  try {
    const pythonPreprocessed = join(root, "python_preprocessed");
    const environment = {
      nnUNet_raw: join(root, "nnUNet_raw"),
      nnUNet_preprocessed: pythonPreprocessed,
      nnUNet_results: join(root, "python_results"),
      nnUNet_n_proc_DA: `${loaders}`,
      nnUNet_def_n_proc: "1",
    };
    await peer.ask({ command: "hello", environment });
    const { plans, job } = await sharePlan(peer, {
      id: 1,
      scans,
      channels: ["MRI"],
      classes: ["anterior", "posterior"],
      configuration,
      planning: { baseFeatures, overrides: { [configuration]: { batchSize } } },
      root,
      pythonPreprocessed,
    });
    isMissed = await compare(peer, plans, job);
  } finally {
    peer.close();
  }
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  isMissed = true;
  console.log(error.message);
  console.log("epoch: no reference to compare with");
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit(options.check && isMissed ? 1 : 0);

/** Milliseconds of some training iterations followed by a fifth as many of validation. */
interface Turn {
  readonly milliseconds: number;
  /** Part of these spent waiting for batches. */
  readonly waited: number;
  readonly validation: number;
}

/** @returns Whether a target is missed. */
async function compare(peer: PythonPeer, plans: Plans, job: object): Promise<boolean> {
  const validationIterations = Math.round(iterations * VALIDATION_SHARE);
  const request = { command: "go on", iterations, validationIterations };
  await peer.ask({ command: "begin", ...job });
  const ours: Turn[] = [], theirs: Turn[] = [];
  using rate = await MachineRate.start();
  await rate.measure();
  await using training = await startTraining(plans);
  for (let round = 0; round <= rounds; round++) {
    const their = await peer.ask<Turn>(request);
    const own = await training.goOn(validationIterations);
    if (round === 0) continue; // Warms up caches and loaders.
    theirs.push(their);
    ours.push(own);
  }
  const { patchSize } = plans.configuration(configuration);
  console.log(
    `hippocampus, patch ${patchSize.join("×")}, batch ${batchSize}, ${baseFeatures} features, ` +
      `${navigator.hardwareConcurrency} threads, ${loaders} loader(s), ${iterations} iterations ` +
      `and ${validationIterations} of validation; Deno ${Deno.version.deno}`,
  );
  const perIteration = (turns: readonly Turn[]) =>
    turns.map(({ milliseconds }) => milliseconds / iterations);
  const perValidation = (turns: readonly Turn[]) =>
    turns.map(({ validation }) => validation / validationIterations);
  const wait = (turns: readonly Turn[]) =>
    spreadOf(turns.map(({ waited, milliseconds }) => waited / milliseconds)).median;
  const whole = (turns: readonly Turn[]) =>
    spreadOf(turns.map(({ milliseconds, validation }) => milliseconds + validation)).median;
  for (const [side, turns] of [["nnunetv2", theirs], ["ours", ours]] as const) {
    console.log(
      `   ${side}: iteration ${formatMilliseconds(perIteration(turns))} ms, of validation ` +
        `${formatMilliseconds(perValidation(turns))} ms, waited ${
          (100 * wait(turns)).toFixed(1)
        } %`,
    );
  }
  await rate.measure();
  const medians = {
    ours: spreadOf(perIteration(ours)).median,
    theirs: spreadOf(perIteration(theirs)).median,
  };
  console.log(`   an iteration is ${rate.describe(stepOperations(stepPartsOf(plans)), medians)}`);
  const ratio = whole(theirs) / whole(ours);
  console.log(
    `epoch, nnunetv2's time / ours: ${ratio.toFixed(2)}, ours waiting for batches ` +
      `${(100 * wait(ours)).toFixed(1)} %`,
  );
  return ratio < 1 || wait(ours) >= LONGEST_WAIT;
}

/** The parts of the plan's training step. */
function stepPartsOf(plans: Plans): Omit<StepParts, "parameters"> {
  const { architecture, patchSize, batchDice } = plans.configuration(configuration);
  const heads = headsOf(plans.datasetJson);
  return {
    network: networkOf(architecture, { heads: heads.count, deepSupervision: true }),
    loss: diceAndCrossEntropy(heads, { batchDice }),
    heads,
    imageShape: [batchSize, plans.datasetJson.channelNames.length, ...patchSize],
  };
}

/** The running parts of a training; closed when disposed. */
async function startTraining(plans: Plans) {
  const { patchSize, useMaskForNorm, dataIdentifier } = plans.configuration(configuration);
  const folder = join(plans.folder, dataIdentifier);
  const cases = await listCases(folder);
  const { train, validation } = selectFold(createSplits(cases), 0, cases);
  const runner = await StepRunner.start(
    stepPartsOf(plans),
    (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }),
  );
  const common = { folder, patchSize, batchSize, seed: 1 };
  const training = await BatchLoader.open({
    ...common,
    caseNames: train,
    pipeline: { purpose: "training", useMaskForNorm },
    workers: loaders,
  });
  const validating = await BatchLoader.open({
    ...common,
    caseNames: validation,
    pipeline: { purpose: "validation" },
  });
  return {
    async goOn(validationIterations: number): Promise<Turn> {
      const begin = performance.now();
      let waited = 0;
      for (let step = 0; step < iterations; step++) {
        const asked = performance.now();
        const batch = await training.next();
        waited += performance.now() - asked;
        training.recycle((await runner.train(batch, 0.01)).batch);
      }
      const trained = performance.now();
      for (let step = 0; step < validationIterations; step++) {
        validating.recycle((await runner.validate(await validating.next())).batch);
      }
      const validation = performance.now() - trained;
      return { milliseconds: trained - begin, waited, validation };
    },
    [Symbol.asyncDispose]() {
      training.close();
      validating.close();
      runner.close();
      return Promise.resolve();
    },
  };
}
