/**
 * `deno task parity:inference`: compares predictions of both sides for the same scans, with models
 * that nnunetv2 trains for a few steps. Hippocampus scans are read from the folder NNUNET_TEST_DATA
 * if it is set.
 *
 * nnU-Net sums the logits of tiles in half precision, which changes voxels where two classes are
 * almost equal. We compare with nnU-Net as it is, and with summation in single precision. Each model
 * is also exported and run by Python's ONNX Runtime.
 *
 * `--only NAME` compares one model. `--steps N` sets how long models train (by default 60). `--check` fails if fewer than 99.99 % of the voxels agree in
 * single precision; if probabilities of a scan, logits of a patch or outputs of the exported model
 * differ by more than 1e-3; if a side predicts no foreground; or if there are no real scans.
 */

import { ensurePythonEnvironment, NoPythonError } from "../../kernels/python_environment.ts";
import { PythonPeer } from "../bench/python_peer.ts";
import { taskOptions } from "../task_options.ts";
import { compareExported } from "./inference_exported.ts";
import { comparePredictions, type Comparison } from "./inference_predictions.ts";
import { inferenceSubjects } from "./inference_subjects.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";

const SHARE = 0.9999;
const TOLERANCE = 1e-3;
const onnxRequirements = [["onnxruntime==1.23.2", "numpy==2.4.6"]];

const options = taskOptions(import.meta.url, {
  only: { type: "string" },
  steps: { type: "string", default: "60" },
  check: { type: "boolean", default: false },
});

const steps = Number(options.steps);

const root = await Deno.makeTempDir({ prefix: "parity_inference_" });
try {
  const peer = await PythonPeer.start(new URL("./inference.py", import.meta.url));
  const onnx = await PythonPeer.start(
    new URL("./onnx_model.py", import.meta.url),
    await ensurePythonEnvironment("onnxruntime", onnxRequirements),
  );
  const found: Found[] = [];
  try {
    peer.tell({ folder: root });
    for (const subject of await inferenceSubjects(root)) {
      if (options.only !== undefined && options.only !== subject.name) continue;
      const { comparison, model } = await comparePredictions(peer, subject, { steps, root });
      const one = { ...comparison, exported: await compareExported(onnx, model, root) };
      found.push(one);
      console.log(`${isGood(one) ? "agree " : "DIFFER"} ${subject.name}: ${describe(one)}`);
    }
  } finally {
    peer.close();
    onnx.close();
  }
  if (found.length === 0) throw new RangeError(`Cannot compare: found no model "${options.only}"`);
  const good = found.filter(isGood).length;
  const worst = found.reduce((a, b) => a.same / a.voxels < b.same / b.voxels ? a : b);
  const largest = (of: "logits" | "probabilities" | "exported") =>
    show(Math.max(...found.map((each) => each[of])));
  console.log(
    `parity of inference with nnunetv2: ${good} of ${found.length} models, at least ` +
      `${share(worst)} of voxels agree if nnU-Net sums tiles in single precision, which --check ` +
      `tests (its default is half), probabilities within ${largest("probabilities")}, logits ` +
      `within ${largest("logits")}, exported ONNX within ${largest("exported")}`,
  );
  if (realScansFolder === undefined) console.log(`missed: ${realScansMissing}`);
  const missed = good < found.length || realScansFolder === undefined;
  Deno.exit(options.check && missed ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity of inference with nnunetv2: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
} finally {
  await Deno.remove(root, { recursive: true });
}

/** What the two sides give for a model. */
interface Found extends Comparison {
  /** Largest difference of the exported model's outputs in Python and here. */
  readonly exported: number;
}

function isGood({ voxels, same, foreground, ...differences }: Found): boolean {
  const { logits, probabilities, exported } = differences;
  return same >= SHARE * voxels && foreground > 0 &&
    [logits, probabilities, exported].every((difference) => difference <= TOLERANCE);
}

function describe(found: Found): string {
  const { voxels, sameAsHalf, foreground, logits, probabilities, exported } = found;
  return `${share(found)} of voxels (${
    share({ voxels, same: sameAsHalf })
  } where nnU-Net adds up ` +
    `in half precision, its default), ${foreground} of foreground, probabilities within ` +
    `${show(probabilities)}, logits within ${show(logits)}, ONNX in Python within ${
      show(exported)
    }`;
}

function show(difference: number): string {
  return difference.toExponential(1);
}

function share({ same, voxels }: Pick<Comparison, "same" | "voxels">): string {
  return `${(100 * same / voxels).toFixed(same === voxels ? 0 : 4)} %`;
}
