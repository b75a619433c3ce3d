import assert from "node:assert/strict";
import { sizeOf } from "../../lib/array/nd_array.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { inferenceModel, inferenceNames } from "../../lib/model/inference_graph.ts";
import { inModuleOrder } from "../../lib/interop/unet_state_dict.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { parametersOf } from "../../lib/network/network.ts";
import { layoutOf, parametersIn } from "../../lib/training/step/vector_layout.ts";
import { Session } from "../../lib/runtime/session.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import golden from "../golden/network.json" with { type: "json" };
import { lcg } from "../golden/lcg.ts";
import { runGraph, tensor } from "../graph/run_graph.ts";
import { type GoldenNetwork, goldenNetwork, goldenWeights } from "./networks.ts";

type Case = GoldenNetwork & { readonly batch: number; readonly channels: number };

/** Returns the case's image and weights, drawn with the generator of `golden/network.py`. */
function goldenInputs({ batch, channels, patch, ...rest }: Case) {
  const imageShape = [batch, channels, ...patch];
  const specs = parametersOf(goldenNetwork({ patch, ...rest }, true), imageShape);
  const random = lcg(1);
  const weights = goldenWeights(specs, random);
  const image = Float32Array.from({ length: sizeOf(imageShape) }, () => random() * 2 - 1);
  return { imageShape, specs, weights, image };
}

for (const [name, setting] of Object.entries(golden.cases)) {
  const network = goldenNetwork(setting, true);
  const { imageShape, specs, weights, image } = goldenInputs(setting);

  Deno.test(`networkOf() has nnU-Net's parameters: ${name}`, () => {
    const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
    assert.deepEqual([...inModuleOrder(shapes)], setting.parameters);
  });

  Deno.test(`networkOf() computes nnU-Net's logits: ${name}`, async () => {
    const graph = new Graph();
    const flat = graph.input("weights", "float32", [weights.length]);
    const outputs = network(
      graph.input("image", "float32", imageShape),
      parametersIn(flat, layoutOf(specs, 1)),
    );
    outputs.forEach((output, i) => graph.output(`y${i}`, output));
    const found = await runGraph(graph, {
      image: tensor({ shape: imageShape, data: image }),
      weights: tensor({ shape: [weights.length], data: weights }),
    });
    assert.equal(outputs.length, setting.outputs.length);
    setting.outputs.forEach(({ shape, every, values, squares }, i) => {
      const data = found[`y${i}`].data as Float32Array;
      assert.deepEqual(found[`y${i}`].shape, shape);
      // Logits are about 1; both sides round to float32 after each of a dozen layers.
      values.forEach((expected, j) =>
        assert.ok(Math.abs(data[j * every] - expected) < 2e-5, `${data[j * every]} at ${j * every}`)
      );
      const sum = data.reduce((total, value) => total + value * value, 0);
      assert.ok(Math.abs(sum / squares - 1) < 1e-5);
    });
  });

  Deno.test(`inferenceModel() computes the highest resolution's logits: ${name}`, async () => {
    const { batch, channels, patch } = setting;
    const single = goldenNetwork(setting, false);
    // As in a checkpoint, weights of all heads are present; those of other heads are unused.
    const model = inferenceModel(single, imageShape, parametersByName(specs, weights));
    const session = await Session.create(model, { threads: 1 });
    assert.deepEqual(session.outputNames, [inferenceNames.logits]);
    const { logits } = await session.run({
      [inferenceNames.image]: tensor({ shape: [batch, channels, ...patch], data: image }),
    });
    await session.release();
    const { shape, every, values } = setting.outputs[0];
    assert.deepEqual(logits.shape, shape);
    values.forEach((expected, j) =>
      assert.ok(Math.abs(Number(logits.data[j * every]) - expected) < 2e-5)
    );
  });
}

Deno.test("networkOf() has one head without deep supervision", () => {
  const setting = golden.cases["2D"];
  const single = parametersOf(goldenNetwork(setting, false), [1, 3, 16, 12]);
  const heads = single.filter(({ name }) => name.startsWith("decoder.seg_layers"));
  assert.deepEqual(heads.map(({ name }) => name), [
    "decoder.seg_layers.1.weight",
    "decoder.seg_layers.1.bias",
  ]);
});

Deno.test("inferenceModel() names a parameter that is missing or has another shape", () => {
  const setting = golden.cases["2D"];
  const { imageShape, specs, weights } = goldenInputs(setting);
  const given = parametersByName(specs, weights);
  const name = "encoder.stages.0.0.convs.1.conv.weight";
  given.delete(name);
  const build = () => inferenceModel(goldenNetwork(setting, false), imageShape, given);
  assert.throws(build, {
    name: "TypeError",
    message: `Cannot build the network: ${name} is missing, expected [4,4,3,3]`,
  });
  given.set(name, { shape: [4, 3, 3, 3], data: new Float32Array(108) });
  assert.throws(build, {
    message: `Cannot build the network: ${name} is [4,3,3,3], expected [4,4,3,3]`,
  });
});

Deno.test("networkOf() initialises residual blocks to equal their shortcuts", () => {
  const network = goldenNetwork(golden.cases["2D residual"], true);
  const starts = new Map(
    parametersOf(network, [2, 1, 16, 12]).map((spec) => [spec.name, spec.initialization]),
  );
  assert.equal(starts.get("encoder.stages.0.blocks.0.conv1.norm.weight"), 1);
  assert.equal(starts.get("encoder.stages.0.blocks.0.conv2.norm.weight"), 0);
  assert.equal(starts.get("encoder.stages.1.blocks.0.skip.1.norm.weight"), 1);
});

Deno.test("networkOf() rejects an unknown network", () => {
  const architecture = {
    networkClassName: "somewhere.Transformer",
    dimensions: 2,
    featuresPerStage: [],
    kernelSizes: [],
    strides: [],
    convsPerStage: [],
    convsPerStageDecoder: [],
  } as const;
  assert.throws(() => networkOf(architecture, { heads: 2, deepSupervision: true }), {
    name: "RangeError",
    message: "Cannot build the network: found class somewhere.Transformer, expected " +
      "PlainConvUNet, ResidualEncoderUNet, ResidualUNet or a Primus, such as PrimusM",
  });
});
