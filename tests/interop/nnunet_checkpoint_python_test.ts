/** Tests that PyTorch and upstream's network load our checkpoints. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import golden from "../golden/checkpoint.json" with { type: "json" };
import blocks from "../golden/network_blocks.json" with { type: "json" };
import { architectureSchema } from "../../lib/files/architecture_json.ts";
import { parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { sgd } from "../../lib/training/step/sgd.ts";
import { fromCheckpoint, toCheckpoint } from "../../lib/training/training_state.ts";
import { writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { decodeCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";
import { runPython, testWithPython } from "../with_python.ts";

const path = (relative: string) => decodeURIComponent(new URL(relative, import.meta.url).pathname);

testWithPython(
  "encodeCheckpoint() writes what torch.load, PlainConvUNet, SGD and GradScaler load",
  async (folder) => {
    const file = join(folder, "checkpoint_latest.pth");
    const checkpoint = decodeCheckpoint(await Deno.readFile(path("../golden/checkpoint.pth")));
    await writeCheckpoint(file, {
      ...checkpoint,
      // Heads first: our networks do not list parameters in PyTorch's order.
      networkWeights: new Map(
        [...checkpoint.networkWeights].sort(([a], [b]) =>
          Number(b.includes("seg_layers")) - Number(a.includes("seg_layers"))
        ),
      ),
      gradScaler: { scale: 1024, growthInterval: 2000, growthTracker: 17 },
      extraState: { seed: [12345] },
    });
    const loaded = JSON.parse(await runPython(path("load_in_python.py"), file));

    assert.deepEqual(loaded.keys, golden.checkpoint.stateDictKeys);
    assert.ok(loaded.sameKeys && loaded.safelyEqual);
    assert.equal(loaded.storages, loaded.parameters);
    assert.deepEqual(loaded.weights, elementsOf(golden.checkpoint.weights));
    assert.deepEqual(loaded.momentum, elementsOf(golden.checkpoint.momentum));
    assert.equal(loaded.learningRate, 0.01);
    assert.equal(loaded.nesterov, true);
    assert.equal(loaded.types.network_weights, "OrderedDict");
    assert.equal(loaded.types.inference_allowed_mirroring_axes, "tuple");
    assert.deepEqual(loaded.scaler, {
      scale: 1024,
      growth_factor: 2,
      backoff_factor: 0.5,
      growth_interval: 2000,
      _growth_tracker: 17,
    });
    assert.deepEqual(loaded.log.dice_per_class_or_region, [[0.25], [null]]);
    assert.deepEqual(loaded.axes, [0, 1]);
    assert.equal(loaded.fold, 0);
    assert.deepEqual(loaded.extra, { seed: [12345] });
  },
);

testWithPython(
  "encodeCheckpoint() writes Adam's state, which AdamW loads and resumes from",
  async (folder) => {
    const file = join(folder, "checkpoint_latest.pth");
    const checkpoint = decodeCheckpoint(await Deno.readFile(path("../golden/checkpoint.pth")));
    const values = (value: number) =>
      new Map(
        Array.from(checkpoint.networkWeights, ([name, { shape, data }]) => [
          name,
          { shape, data: new Float32Array(data.length).fill(value) },
        ]),
      );
    await writeCheckpoint(file, {
      ...checkpoint,
      optimizer: {
        learningRate: 2e-4,
        initialLearningRate: 3e-4,
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: 3e-5,
        decoupled: true,
        steps: 250,
        means: values(0.5),
        squares: values(0.25),
        largestSquares: values(0.5),
      },
    });
    const script = `
import sys, torch
saved = torch.load(sys.argv[1], weights_only=False)["optimizer_state"]
parameters = [torch.nn.Parameter(torch.zeros_like(one["exp_avg"])) for one in saved["state"].values()]
optimizer = torch.optim.AdamW(parameters, amsgrad=True)
known = set(optimizer.param_groups[0]) | {"initial_lr"}
optimizer.load_state_dict(saved)
for parameter in parameters:
    parameter.grad = torch.full_like(parameter, 0.5)
optimizer.step()
first = optimizer.state[parameters[0]]
print(len(parameters), set(optimizer.param_groups[0]) == known, float(first["step"]),
      float(first["exp_avg"].flatten()[0]), round(float(first["exp_avg_sq"].flatten()[0]), 6),
      float(first["max_exp_avg_sq"].flatten()[0]), optimizer.param_groups[0]["lr"])`;
    assert.equal(
      await runPython("-c", script, file),
      `${checkpoint.networkWeights.size} True 251.0 0.5 0.25 0.5 0.0002`,
    );
  },
);

testWithPython(
  "encodeCheckpoint() writes Adan's state as adan-pytorch keeps it",
  async (folder) => {
    const file = join(folder, "checkpoint_latest.pth");
    const checkpoint = decodeCheckpoint(await Deno.readFile(path("../golden/checkpoint.pth")));
    const values = (value: number) =>
      new Map(
        Array.from(checkpoint.networkWeights, ([name, { shape, data }]) => [
          name,
          { shape, data: new Float32Array(data.length).fill(value) },
        ]),
      );
    const optimizer = {
      learningRate: 2e-4,
      initialLearningRate: 3e-4,
      adanBetas: [0.02, 0.08, 0.01],
      epsilon: 1e-8,
      weightDecay: 3e-5,
      steps: 250,
      previousGradients: values(0.5),
      means: values(0.25),
      differences: values(-0.5),
      squares: values(0.125),
    } as const;
    await writeCheckpoint(file, { ...checkpoint, optimizer });
    // The package itself is not part of nnU-Net's environment; its keys are those of its source.
    const script = `
import sys, torch
saved = torch.load(sys.argv[1], weights_only=False)["optimizer_state"]
parameters = [torch.nn.Parameter(torch.zeros_like(one["m"])) for one in saved["state"].values()]
class Adan(torch.optim.Optimizer):
    def __init__(self, parameters):
        super().__init__(parameters, dict(lr=1e-3, betas=(0.02, 0.08, 0.01), eps=1e-8, weight_decay=0,
                                          restart_cond=None))
optimizer = Adan(parameters)
known = set(optimizer.param_groups[0]) | {"initial_lr"}
optimizer.load_state_dict(saved)
first = optimizer.state[parameters[0]]
print(len(parameters), set(optimizer.param_groups[0]) == known, first["step"], type(first["step"]).__name__,
      *[float(first[key].flatten()[0]) for key in ("prev_grad", "m", "v", "n")],
      optimizer.param_groups[0]["betas"], optimizer.param_groups[0]["lr"])`;
    assert.equal(
      await runPython("-c", script, file),
      `${checkpoint.networkWeights.size} True 250 int 0.5 0.25 -0.5 0.125 ` +
        "(0.02, 0.08, 0.01) 0.0002",
    );
    const read = decodeCheckpoint(await Deno.readFile(file)).optimizer;
    assert.deepEqual(read, optimizer);
  },
);

testWithPython(
  "checkpoints of networks with other blocks are Python's in both directions",
  async (folder) => {
    const cases = join(folder, "cases.json");
    await Deno.writeTextFile(cases, JSON.stringify(Object.values(blocks.cases)));
    // After two steps, so that momentum, running statistics and counts are not their first values.
    await runPython(path("network_blocks_in_python.py"), "write", cases, folder);
    for (const [index, { architecture: json, patch }] of Object.values(blocks.cases).entries()) {
      const file = join(folder, `${index}.pth`);
      const checkpoint = decodeCheckpoint(await Deno.readFile(file));
      const architecture = architectureSchema.parse(json);
      const network = networkOf(architecture, { heads: blocks.classes, deepSupervision: true });
      const parameters = parametersOf(network, [blocks.batch, blocks.channels, ...patch]);
      const state = fromCheckpoint(checkpoint, parameters, 0);
      const written = toCheckpoint(state, {
        parameters,
        initArgs: checkpoint.initArgs,
        trainerName: checkpoint.trainerName,
        learningRate: 0.01,
        initialLearningRate: 0.01,
        optimizer: sgd(),
        mirrorAxes: [0, 1],
        split: { train: [], validation: [] },
        options: {},
      });
      await writeCheckpoint(file.replace(".pth", "_back.pth"), written);
    }
    const found = await runPython(path("network_blocks_in_python.py"), "compare", cases, folder);
    assert.equal(found, `${Object.keys(blocks.cases).length} equal`);
  },
);

function elementsOf(described: Readonly<Record<string, { elements: number[] }>>) {
  return Object.fromEntries(
    Object.entries(described).map(([name, { elements }]) => [name, elements]),
  );
}
