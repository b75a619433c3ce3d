/**
 * `deno task parity:plans`: opens files that nnU-Net's planners and people made, and compares what
 * nnunetv2 reads in them with what we do: the same plans from the same fingerprint and data set, the
 * same verdict on every configuration of plans that were changed by hand, and the same values.
 * Predictions with some of these plans are compared, too, with networks that nnunetv2 trains for a
 * few steps.
 *
 * `--predictions 0` leaves the predictions out. `--check` fails if anything differs.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { NoPythonError } from "../../kernels/python_environment.ts";
import { parseDatasetJson } from "../../lib/files/dataset_json.ts";
import { foregroundIntegers, ignoreLabelOf } from "../../lib/files/dataset_labels.ts";
import { parseFingerprint } from "../../lib/files/fingerprint_json.ts";
import { formatPlans, parsePlans } from "../../lib/files/plans_json.ts";
import { parseSplits } from "../../lib/files/splits_json.ts";
import type { Configuration, PlansData } from "../../lib/files/plans.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { planDataset } from "../../lib/planning/plan_dataset.ts";
import { PythonPeer } from "../bench/python_peer.ts";
import { ensureNnunetPython } from "../nnunet_python.ts";
import { goldenOptions, type GoldenPlanInput } from "../planning/golden_plans.ts";
import { taskOptions } from "../task_options.ts";
import type { Agreement } from "./agreement.ts";
import { comparePredictions } from "./inference_predictions.ts";
import { resamplingSubjects } from "./inference_subjects.ts";

/** Files that nnunetv2 stumbles over and that mean the same here as with integers. */
const tolerated = new Set(["regions as text"]);

/** Default arguments of the functions that resample. */
const defaults: Readonly<Record<string, Json>> = {
  resample_data_or_seg_to_shape: {
    order: 3,
    order_z: 0,
    force_separate_z: false,
    separate_z_anisotropy_threshold: 3,
  },
  resample_torch_fornnunet: {
    force_separate_z: null,
    memefficient_seg_resampling: false,
    separate_z_anisotropy_threshold: 3,
    mode: "linear",
    aniso_axis_mode: "nearest-exact",
  },
};

/** A line that `foreign_plans.py` prints. */
type Line =
  | {
    readonly kind: "planned";
    readonly name: string;
    readonly input: GoldenPlanInput;
    readonly fingerprint: string;
    readonly dataset: string;
    readonly plans: string;
  }
  | {
    readonly kind: "plans";
    readonly name: string;
    readonly plans: string;
    readonly configurations: Readonly<Record<string, Json | null>>;
  }
  | {
    readonly kind: "dataset";
    readonly name: string;
    readonly dataset: string;
    readonly heads: Json | null;
  }
  | {
    readonly kind: "splits";
    readonly name: string;
    readonly splits: string;
    readonly folds: Json;
  };

type Json = Readonly<Record<string, unknown>>;

const options = taskOptions(import.meta.url, {
  predictions: { type: "string", default: "3" },
  check: { type: "boolean", default: false },
});

try {
  const results = [
    ...await compareFiles(await ensureNnunetPython()),
    ...await compareSomePredictions(Number(options.predictions)),
  ];
  console.log(
    "parity of plans with nnunetv2: " +
      results.map(({ of, agreed, total }) => `${agreed} of ${total} ${of}`).join(", "),
  );
  const differs = results.some(({ agreed, total }) => agreed < total || total === 0);
  Deno.exit(options.check && differs ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity of plans with nnunetv2: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
}

async function compareFiles(python: string): Promise<Agreement[]> {
  const script = fileURLToPath(new URL("./foreign_plans.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const found = new Map<string, { agreed: number; total: number }>();
  const count = (of: string, what: string, difference: string | undefined) => {
    const counts = found.get(of) ?? { agreed: 0, total: 0 };
    found.set(of, counts);
    counts.total++;
    if (difference === undefined) counts.agreed++;
    else console.log(`DIFFER  ${of}: ${what}: ${difference}`);
  };
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = JSON.parse(text) as Line;
    if (line.kind === "planned") count("planned data sets", line.name, planAgain(line));
    else if (line.kind === "dataset") count("dataset.json files", line.name, readDataset(line));
    else if (line.kind === "splits") {
      const folds = parseSplits(line.splits).map(({ train, validation }) => [train, validation]);
      count("splits", line.name, difference(folds, line.folds));
    } else {
      for (const [name, theirs] of Object.entries(line.configurations)) {
        count(
          "configurations",
          `${line.name}, ${name}`,
          readConfiguration(line.plans, name, theirs),
        );
      }
    }
  }
  // A script that stops half-way has compared too little.
  if (await ended !== 0) count("files", "foreign_plans.py", "it ended early");
  return [...found].map(([of, counts]) => ({ of, ...counts }));
}

/** Plans from the fingerprint's and the data set's files, as their planner did. */
function planAgain({ input, plans, fingerprint, dataset }: Line & { kind: "planned" }) {
  const json = parseDatasetJson(JSON.parse(dataset), "dataset.json");
  const facts = {
    datasetName: "Dataset001_Golden",
    channelNames: json.channelNames,
    labelCount: Object.keys(json.labels).length,
    trainingCases: json.numTraining!,
    imageReaderWriter: "SimpleITKIO",
  };
  const ours = planDataset(parseFingerprint(fingerprint), facts, goldenOptions(input));
  return formatPlans(ours) === plans
    ? undefined
    : difference(JSON.parse(formatPlans(ours)), JSON.parse(plans)) ??
      "the same values in another format";
}

/** Reads a configuration; nnunetv2 resolves it to `theirs`, or cannot use it. */
function readConfiguration(text: string, name: string, theirs: Json | null): string | undefined {
  let plans: PlansData;
  try {
    plans = parsePlans(text);
  } catch (error) {
    return theirs ? `nnunetv2 reads the file, we do not: ${error}` : undefined;
  }
  const ours = plans.configurations[name];
  if (!theirs) return ours ? "nnunetv2 cannot use it, we can" : undefined;
  if (!ours) return `nnunetv2 can use it, we cannot: ${plans.unsupported?.[name]?.reason}`;
  return difference(withDefaults(flat(plans, ours)), withDefaults(theirs));
}

/** The configuration as JSON with nnU-Net's keys, and without inheritance. */
function flat(plans: PlansData, configuration: Configuration): Json {
  const { name } = configuration;
  const json = formatPlans({
    ...plans,
    unsupported: {},
    configurations: { [name]: configuration },
  });
  return JSON.parse(json).configurations[name];
}

/** Spells out what may be left out, and leaves out what means nothing to either side. */
function withDefaults(json: Json): Json {
  const { comment: _, median_image_size_in_voxels: __, ...rest } = json;
  const result: Record<string, unknown> = { ...rest };
  for (const kind of ["data", "seg", "probabilities"]) {
    const name = result[`resampling_fn_${kind}`] as string;
    const { num_threads: _, device: __, ...keywords } =
      result[`resampling_fn_${kind}_kwargs`] as Json;
    result[`resampling_fn_${kind}_kwargs`] = { ...defaults[name], ...keywords };
    const set = result[`resampling_fn_${kind}_kwargs`] as Record<string, unknown>;
    if (typeof set.force_separate_z === "number") set.force_separate_z = set.force_separate_z !== 0;
  }
  for (const key of ["next_stage", "previous_stage"]) if (result[key] === null) delete result[key];
  if (Array.isArray(result.next_stage) && result.next_stage.length === 1) {
    result.next_stage = result.next_stage[0];
  }
  return result;
}

function readDataset({ name, dataset, heads: theirs }: Line & { kind: "dataset" }) {
  try {
    const json = parseDatasetJson(JSON.parse(dataset), "dataset.json");
    const heads = headsOf(json);
    if (!theirs) return tolerated.has(name) ? undefined : "nnunetv2 cannot read it, we can";
    return difference({
      heads: heads.count,
      regions: heads.regions !== undefined,
      foreground: foregroundIntegers(json.labels),
      ignore: ignoreLabelOf(json.labels) ?? null,
      channels: json.channelNames,
      ending: json.fileEnding,
    }, theirs);
  } catch (error) {
    return theirs ? `nnunetv2 reads it, we do not: ${error}` : undefined;
  }
}

/** Compares predictions with plans that resample in other ways. */
async function compareSomePredictions(count: number): Promise<Agreement[]> {
  if (count === 0) return [];
  const root = await Deno.makeTempDir({ prefix: "parity_plans_" });
  const peer = await PythonPeer.start(new URL("./inference.py", import.meta.url));
  let agreed = 0;
  try {
    peer.tell({ folder: root });
    for (const subject of (await resamplingSubjects(root)).slice(0, count)) {
      const { comparison } = await comparePredictions(peer, subject, { steps: 30, root });
      const { voxels, same, foreground, probabilities } = comparison;
      const good = same >= 0.9999 * voxels && foreground > 0 && probabilities <= 1e-3;
      if (good) agreed++;
      console.log(
        `${
          good ? "agree " : "DIFFER"
        } ${subject.name}: ${same} of ${voxels} voxels, ${foreground} ` +
          `of foreground, probabilities within ${probabilities.toExponential(1)}`,
      );
    }
  } finally {
    peer.close();
    await Deno.remove(root, { recursive: true });
  }
  return [{ of: "predictions", agreed, total: count }];
}

/** Where two values differ; undefined if they are equal. */
function difference(ours: unknown, theirs: unknown): string | undefined {
  if (isDeepStrictEqual(ours, theirs)) return undefined;
  if (isRecord(ours) && isRecord(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => {
      const inside = difference(ours[key], theirs[key]);
      return inside === undefined ? [] : [`${key}: ${inside}`];
    }).join("; ");
  }
  return `ours ${JSON.stringify(ours)}, nnunetv2's ${JSON.stringify(theirs)}`;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
