/**
 * `deno task bench:inference`: compares prediction with nnunetv2 on the CPU with the same number of
 * threads, alternating.
 *
 * nnU-Net's side gets what is fastest: the memory format of PyTorch's tensors, prediction in new
 * processes or one after another, and a program that is warm. `--parts` selects among `network` (one pass over a batch), `export` (labels from logits on a
 * finer grid, time and memory) and `cases` (prediction of whole folders from NNUNET_TEST_DATA, without which `--check` fails).
 * `memory`, which takes long and does not run by default, predicts 118 classes on 512 × 512 × 400
 * voxels with a stub instead of the network. `--net a,c,d`, `--classes 5,118`, `--sets
 * hippocampus,ct`, `--cases N` and `--rounds N` limit the parts. `--check` fails if a target is
 * missed. The last line is JSON.
 */

import { NoPythonError } from "../../kernels/python_environment.ts";
import { type CaseFigures, caseSets, casesTarget, compareCases } from "./inference_cases.ts";
import { compareExport, type ExportFigures, exportTargets } from "./inference_export.ts";
import { memoryTarget, predictionMemory } from "./inference_memory.ts";
import { compareNetwork, nets } from "./inference_network.ts";
import { realScansFolder, realScansMissing } from "../parity/real_scans.ts";
import { taskOptions } from "../task_options.ts";
import { MachineRate } from "./machine_rate.ts";
import { PythonPeer } from "./python_peer.ts";

const partNames = ["network", "export", "cases", "memory"];
const options = taskOptions(import.meta.url, {
  parts: { type: "string", default: "network,export,cases" },
  net: { type: "string", default: Object.keys(nets).join(",") },
  classes: { type: "string", default: "5,118" },
  sets: { type: "string", default: Object.keys(caseSets).join(",") },
  cases: { type: "string", default: "8" },
  rounds: { type: "string", default: "5" },
  check: { type: "boolean", default: false },
});
const parts = chosenOf("parts", partNames);
const chosenNets = chosenOf("net", Object.keys(nets)) as (keyof typeof nets)[];
const chosenSets = chosenOf("sets", Object.keys(caseSets)) as (keyof typeof caseSets)[];
const classes = options.classes.split(",").map(countOf("classes"));
const cases = countOf("cases")(options.cases);
const rounds = countOf("rounds")(options.rounds);
const threads = navigator.hardwareConcurrency;

const network: Record<string, number> = {};
const exported: ExportFigures[] = [];
const predicted: Record<string, CaseFigures> = {};
const missed: string[] = [];
const require = (what: string, ratio: number, target: number) => {
  if (ratio < target) missed.push(`${what} ${ratio.toFixed(2)}×, expected ${target}×`);
};
let versions: Record<string, string> | undefined;
let memoryGigabytes: number | undefined;

if (parts.some((part) => part !== "memory")) {
  try {
    versions = await compare();
  } catch (error) {
    if (!(error instanceof NoPythonError)) throw error;
    console.log(error.message);
    missed.push("no reference to compare with");
  }
}
if (parts.includes("memory")) {
  memoryGigabytes = await predictionMemory() / 1e9;
  if (memoryGigabytes > memoryTarget) {
    missed.push(`memory ${memoryGigabytes.toFixed(2)} GB, expected at most ${memoryTarget}`);
  }
}
for (const miss of missed) console.log(`missed: ${miss}`);
console.log(JSON.stringify({
  threads,
  versions: { deno: Deno.version.deno, ...versions },
  ...parts.includes("network") && { network },
  ...parts.includes("export") && { export: exported },
  ...parts.includes("cases") && { cases: predicted },
  ...memoryGigabytes !== undefined && { memoryGigabytes },
  missed,
}));
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

async function compare(): Promise<Record<string, string>> {
  const peer = await PythonPeer.start(new URL("./inference.py", import.meta.url));
  try {
    const packages = ["nnunetv2", "torch", "numpy", "scikit-image", "scipy"];
    const versions = await peer.ask<Record<string, string>>({ versions: packages });
    console.log(
      `Deno ${Deno.version.deno}, ${threads} threads; ` +
        packages.map((name) => `${name} ${versions[name]}`).join(", "),
    );
    using rate = await MachineRate.start({ threads });
    await rate.measure();
    if (parts.includes("network")) {
      for (const net of chosenNets) {
        network[net] = await compareNetwork(peer, net, { threads, rounds, rate });
        require(`network ${net}`, network[net], nets[net].target);
      }
    }
    if (parts.includes("export")) {
      for (const count of classes) {
        // nnU-Net takes minutes for many classes.
        const figures = await compareExport(peer, count, {
          threads,
          rounds: count > 20 ? Math.min(rounds, 3) : rounds,
        });
        exported.push(figures);
        if (count < 118) continue;
        require(`export of ${count} classes`, figures.ratio, exportTargets.speed);
        if (figures.memory > exportTargets.memory) {
          missed.push(
            `export of ${count} classes takes ${figures.memory.toFixed(2)} of nnU-Net's memory, ` +
              `expected at most ${exportTargets.memory}`,
          );
        }
      }
    }
    if (parts.includes("cases")) await compareSets(peer);
    return versions;
  } finally {
    peer.close();
  }
}

async function compareSets(peer: PythonPeer) {
  const data = realScansFolder;
  if (data === undefined) {
    missed.push(`cases: ${realScansMissing}`);
    return;
  }
  const root = await Deno.makeTempDir({ prefix: "bench_inference_" });
  try {
    for (const name of chosenSets) {
      predicted[name] = await compareCases(peer, name, {
        data,
        root,
        threads,
        rounds: Math.min(rounds, 3),
        cases,
      });
      require(name, predicted[name].ratio, casesTarget);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function chosenOf(option: "parts" | "net" | "sets", known: readonly string[]): string[] {
  const chosen = options[option].split(",");
  if (chosen.every((name) => known.includes(name))) return chosen;
  return refuse(`--${option} ${options[option]}`, `some of ${known.join(",")}`);
}

function countOf(option: string): (text: string) => number {
  return (text) =>
    /^[1-9]\d*$/.test(text) ? Number(text) : refuse(`--${option} ${text}`, "positive integers");
}

function refuse(found: string, expected: string): never {
  console.error(`Cannot measure: found ${found}, expected ${expected}`);
  Deno.exit(2);
}
