/**
 * `deno task parity:inference`: compares predictions of both sides for the same scans, with models
 * that nnunetv2 trains for a few steps. Hippocampus scans are read from the folder NNUNET_TEST_DATA
 * if it is set.
 *
 * nnU-Net sums the logits of tiles in half precision, which changes voxels where two classes are
 * almost equal. We compare with nnU-Net as it is, and with summation in single precision.
 *
 * `--only NAME` compares one model. `--check` fails if fewer than 99.99 % of the voxels agree in
 * single precision or logits of a patch differ by more than 1e-3.
 */

import { parseArgs } from "node:util";
import { ensurePythonEnvironment, NoPythonError } from "../../kernels/python_environment.ts";
import { PythonPeer } from "../bench/python_peer.ts";
import { compareExported } from "./inference_exported.ts";
import { comparePredictions, type Comparison } from "./inference_predictions.ts";
import { inferenceSubjects } from "./inference_subjects.ts";

const SHARE = 0.9999;
const TOLERANCE = 1e-3;
const onnxRequirements = [["onnxruntime==1.23.2", "numpy==2.4.6"]];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    steps: { type: "string", default: "60" },
    check: { type: "boolean", default: false },
  },
});

const steps = Number(options.steps);

const root = await Deno.makeTempDir({ prefix: "parity_inference_" });
try {
  const peer = await PythonPeer.start(new URL("./inference.py", import.meta.url));
  const onnx = await PythonPeer.start(
    new URL("./onnx_model.py", import.meta.url),
    await ensurePythonEnvironment("onnxruntime", onnxRequirements),
  );
  const found: Comparison[] = [];
  let onnxDifference = 0;
  try {
    peer.tell({ folder: root });
    for (const subject of await inferenceSubjects(root)) {
      if (options.only !== undefined && options.only !== subject.name) continue;
      const { comparison, model } = await comparePredictions(peer, subject, { steps, root });
      found.push(comparison);
      const difference = await compareExported(onnx, model, root);
      onnxDifference = Math.max(onnxDifference, difference);
      const good = isGood(comparison) && difference <= TOLERANCE;
      console.log(
        `${good ? "agree " : "DIFFER"} ${subject.name}: ${share(comparison)} of voxels ` +
          `(${
            share({ ...comparison, same: comparison.sameAsHalf })
          } where nnU-Net adds up in half ` +
          "precision, its default), logits " +
          `within ${comparison.logits.toExponential(1)}, ONNX in Python within ` +
          difference.toExponential(1),
      );
    }
  } finally {
    peer.close();
    onnx.close();
  }
  const worst = found.reduce((a, b) => a.same / a.voxels < b.same / b.voxels ? a : b);
  const logits = Math.max(...found.map((each) => each.logits));
  console.log(
    `parity of inference with nnunetv2: ${
      found.filter(isGood).length
    } of ${found.length} models, ` +
      `at least ${share(worst)} of voxels agree if nnU-Net sums tiles in single precision, which ` +
      `--check tests (its default is half), logits within ${
        logits.toExponential(1)
      }, exported ONNX ` +
      `within ${onnxDifference.toExponential(1)}`,
  );
  const missed = found.some((each) => !isGood(each)) || onnxDifference > TOLERANCE;
  Deno.exit(options.check && missed ? 1 : 0);
} catch (error) {
  if (!(error instanceof NoPythonError)) throw error;
  console.log(error.message);
  console.log("parity of inference with nnunetv2: no reference to compare with");
  Deno.exit(options.check ? 1 : 0);
} finally {
  await Deno.remove(root, { recursive: true });
}

function isGood({ voxels, same, logits }: Comparison): boolean {
  return same >= SHARE * voxels && logits <= TOLERANCE;
}

function share({ same, voxels }: Pick<Comparison, "same" | "voxels">): string {
  return `${(100 * same / voxels).toFixed(same === voxels ? 0 : 4)} %`;
}
