/** Predictions with checkpoints that PyTorch made, of networks with other blocks than nnU-Net's. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Architecture, ConfigurationName } from "../../lib/files/plans.ts";
import { RESIDUAL_ENCODER_UNET } from "../../lib/files/plans.ts";
import { readSegmentation, writeImage } from "../../lib/image/image_files.ts";
import { Predictor } from "../../lib/predictor.ts";
import { readNpz } from "../interop/read_npz.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";
import { writeUntrainedModel } from "../untrained_model.ts";
import { runPython, testWithPython } from "../with_python.ts";

const script = join(import.meta.dirname!, "predict_in_python.py");

/** What differs from nnU-Net's own blocks. */
const style: Partial<Architecture> = {
  normalization: { over: "batch", epsilon: 1e-5, affine: true },
  nonlinearity: { kind: "leakyRelu", slope: 0 },
  dropout: { probability: 0.3, wholeMaps: true },
};

for (const configuration of ["2d", "3d_fullres"] as const) {
  for (const encoder of ["plain", "residual"] as const) {
    testWithPython(
      `Predictor predicts what nnU-Net does with batch norm, ReLU and dropout: ${encoder}, ${configuration}`,
      (folder) => compare(folder, configuration, encoder),
    );
  }
}

async function compare(
  folder: string,
  configuration: ConfigurationName,
  encoder: "plain" | "residual",
) {
  const { plans, root } = await makeTinyPlans();
  try {
    const planned = plans.plansData.configurations[configuration]!;
    const architecture = {
      ...planned.architecture,
      ...encoder === "residual" && { networkClassName: RESIDUAL_ENCODER_UNET },
      ...style,
    };
    const plansData = {
      ...plans.plansData,
      configurations: { [configuration]: { ...planned, architecture } },
    };
    const model = await writeUntrainedModel(folder, {
      plansData,
      datasetJson: plans.datasetJson,
      configuration,
    });
    const input = join(folder, "in");
    const scan = join(input, "one_0000.nii.gz");
    await writeImage(scan, tinyScan(11).image);
    const [theirs, ours] = [join(folder, "theirs"), join(folder, "ours")];
    await Deno.mkdir(theirs);
    await runPython(script, model, theirs, scan);

    using predictor = await Predictor.open(model, { threads: 1, device: "cpu" });
    await predictor.predictFolder({ input, output: ours, saveProbabilities: true });
    const read = async (of: string) => ({
      labels: (await readSegmentation(join(of, "one.nii.gz"))).data,
      probabilities: (await readNpz(join(of, "one.npz"), "probabilities")).data,
    });
    const [expected, found] = [await read(theirs), await read(ours)];
    assert.ok(new Set(expected.labels).size > 1, "the network tells labels apart");
    assert.equal(found.probabilities.length, expected.probabilities.length);
    const difference = expected.probabilities.reduce(
      (most, value, i) => Math.max(most, Math.abs(found.probabilities[i] - value)),
      0,
    );
    assert.ok(difference < 1e-3, `${difference}`);
    const other = expected.labels.filter((label: number, i: number) => label !== found.labels[i]);
    assert.ok(other.length <= expected.labels.length * 0.001, `${other.length} labels differ`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
