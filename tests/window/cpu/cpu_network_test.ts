import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { openCpuNetwork } from "../../../lib/window/cpu/cpu_network.ts";
import { inferenceModel, inferenceNames } from "../../../lib/model/inference_graph.ts";
import { initialWeights, parametersOf } from "../../../lib/network/network.ts";
import { networkOf } from "../../../lib/network/network_of.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../../lib/runtime/session.ts";
import { parametersByName } from "../../../lib/training/step/flat_parameters.ts";

interface Setting {
  readonly className: "PlainConvUNet" | "ResidualEncoderUNet";
  readonly patch: readonly number[];
  readonly channels: number;
  readonly features: readonly number[];
  readonly kernels: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
}

const settings: Record<string, Setting> = {
  "3D": {
    className: "PlainConvUNet",
    patch: [4, 8, 6],
    channels: 1,
    features: [16, 32],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "anisotropic, some features that fill no block": {
    className: "PlainConvUNet",
    patch: [3, 12, 8],
    channels: 2,
    features: [12, 16, 24],
    kernels: [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [1, 2, 2], [1, 2, 2]],
  },
  "residual encoder": {
    className: "ResidualEncoderUNet",
    patch: [4, 8, 8],
    channels: 1,
    features: [16, 32],
    kernels: [[3, 3, 3], [3, 3, 3]],
    strides: [[1, 1, 1], [2, 2, 2]],
  },
  "2D": {
    className: "PlainConvUNet",
    patch: [16, 12],
    channels: 3,
    features: [16, 32],
    kernels: [[3, 3], [3, 3]],
    strides: [[1, 1], [2, 2]],
  },
};

for (const [name, setting] of Object.entries(settings)) {
  Deno.test(`openCpuNetwork() computes the model's logits: ${name}`, async () => {
    const { className, patch, channels, features, kernels, strides } = setting;
    const network = networkOf({
      networkClassName: className,
      dimensions: patch.length as 2 | 3,
      featuresPerStage: features,
      kernelSizes: kernels,
      strides,
      convsPerStage: features.map(() => 2),
      convsPerStageDecoder: features.slice(1).map(() => 1),
    }, { heads: 3, deepSupervision: false });
    const shape = [2, channels, ...patch];
    const parameters = parametersOf(network, shape);
    const generator = createGenerator(1);
    // Biases are not zero and scales not one, unlike initial values.
    const weights = initialWeights(parameters, generator).map((w) => w + 0.1 * generator.normal());
    const model = inferenceModel(network, shape, parametersByName(parameters, weights));
    const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
    const image: HostTensor = { type: "float32", shape, data };
    const logitsOf = async (session: Session) => {
      const { logits } = await session.run({ [inferenceNames.image]: image });
      await session.release();
      return logits;
    };

    const expected = await logitsOf(await Session.create(model, { threads: 1 }));
    const found = await logitsOf(await openCpuNetwork(model, { threads: 1, patches: 2 }));
    assert.deepEqual(found.shape, [2, 3, ...patch]);
    const values = Array.from(expected.data, Number);
    const scale = Math.max(...values.map(Math.abs));
    const worst = Math.max(...values.map((v, i) => Math.abs(v - Number(found.data[i])))) / scale;
    assert.ok(worst < 1e-5, `found a difference of ${worst}, expected 1e-5`);
  });
}
