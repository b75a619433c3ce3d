import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import { trainerNames, trainerVariant } from "../../lib/training/trainer_variants.ts";
import { runGraph, tensor } from "../graph/run_graph.ts";
import { runPython, testWithPython } from "../with_python.ts";

Deno.test("trainerVariant() returns the options in which upstream's classes differ", () => {
  assert.deepEqual(trainerVariant("nnUNetTrainer", 3), {});
  assert.deepEqual(trainerVariant("nnUNetTrainer_1epoch", 3), { epochs: 1 });
  assert.deepEqual(trainerVariant("nnUNetTrainer_100epochs", 2), { epochs: 100 });
  assert.deepEqual(trainerVariant("nnUNetTrainer_onlyMirror01", 2), { mirrorAxes: [0] });
  assert.deepEqual(trainerVariant("nnUNetTrainer_onlyMirror01", 3), { mirrorAxes: [0, 1] });
  assert.deepEqual(trainerVariant("nnUNetTrainer_250epochs_NoMirroring", 3), {
    epochs: 250,
    mirrorAxes: [],
  });
  assert.deepEqual(trainerVariant("nnUNetTrainer_onlyMirror01_DASegOrd0", 3), {
    mirrorAxes: [0, 1],
    augmentation: { nearest: "labels", previousStageErrors: 1 },
  });
  assert.deepEqual(trainerVariant("nnUNetTrainerDA5Segord0", 3), {
    augmentation: { scheme: "DA5", nearest: "labels", previousStageErrors: 1 },
  });
  assert.deepEqual(trainerVariant("nnUNetTrainer_noDummy2DDA", 3), {
    augmentation: { slicewise: false },
  });
  assert.deepEqual(trainerVariant("nnUNetTrainer_probabilisticOversampling_010", 3), {
    oversampling: { atRandom: true, share: 0.1 },
  });
  const { adam, schedule } = trainerVariant("nnUNetTrainerAdam3en4", 3);
  assert.deepEqual(adam, { decoupled: true, amsgrad: true });
  assert.equal(schedule!(0, 100), 3e-4);
  assert.equal(new Set(trainerNames).size, trainerNames.length);
});

Deno.test("trainerVariant() lists the known trainers if one is unknown", () => {
  assert.throws(() => trainerVariant("nnUNetTrainerOther", 3), {
    name: "RangeError",
    message: `Cannot train with trainer "nnUNetTrainerOther": expected one of ${
      trainerNames.join(", ")
    }`,
  });
});

testWithPython("trainerVariant() knows only classes that Python's nnU-Net has", async () => {
  const script = `
import re, pathlib, sys, importlib.util
root = pathlib.Path(importlib.util.find_spec("nnunetv2").origin).parent / "training" / "nnUNetTrainer"
found = {name for file in root.rglob("*.py") for name in re.findall(r"^class (\\w+)", file.read_text(), re.M)}
print(sorted(set(sys.argv[1:]) - found))`;
  assert.equal(await runPython("-c", script, ...trainerNames), "[]");
});

Deno.test("trainerVariant() has the numbers of upstream's classes", () => {
  const epochs = (name: string) => trainerVariant(`nnUNetTrainer${name}`, 3).epochs;
  for (const count of [5, 10, 20, 50, 100, 250, 500, 750, 2000, 4000, 8000]) {
    assert.equal(epochs(`_${count}epochs`), count);
  }
  for (const count of [250, 2000, 4000, 8000]) {
    assert.equal(epochs(`_${count}epochs_NoMirroring`), count);
  }
  assert.equal(epochs("_onlyMirror01_1500ep"), 1500);
  assert.equal(epochs("DA5_10epochs"), 10);
  assert.equal(epochs("CELoss_5epochs"), 5);
  const { oversampling } = trainerVariant("nnUNetTrainer_probabilisticOversampling_033", 3);
  assert.deepEqual(oversampling, { atRandom: true, share: 0.33 });

  const rate = (name: string, epoch: number, of: number) =>
    trainerVariant(`nnUNetTrainer${name}`, 3).schedule!(epoch, of);
  assert.equal(rate("Adam1en3", 0, 1000), 1e-3);
  assert.equal(rate("VanillaAdam3en4", 0, 1000), 3e-4);
  assert.equal(rate("Adan1en1", 0, 1000), 1e-1);
  assert.equal(rate("Adan3en4", 0, 1000), 3e-4);
  assert.ok(Math.abs(rate("AdanCosAnneal", 500, 1000) - 0.005) < 1e-12);
  assert.equal(rate("CosAnneal", 0, 1000), 0.01);
  assert.ok(Math.abs(rate("CosAnneal", 500, 1000) - 0.005) < 1e-12);
  // 50 epochs of linear increase, then the usual decay over the rest.
  assert.ok(Math.abs(rate("_warmup", 0, 1000) - 0.0002) < 1e-12);
  assert.ok(Math.abs(rate("_warmup", 49, 1000) - 0.01) < 1e-12);
  assert.equal(rate("_warmup", 50, 1000), 0.01);
  assert.ok(Math.abs(rate("_warmup", 525, 1000) - 0.01 * 0.5 ** 0.9) < 1e-12);
});

/** Evaluates a variant's loss of one row of voxels. @param logits (labels, voxels) */
async function lossOf(name: string, logits: readonly number[][], labels: readonly number[]) {
  const heads = { count: logits.length };
  const loss = trainerVariant(`nnUNetTrainer${name}`, 2).loss!(heads, { batchDice: false });
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, logits.length, 1, labels.length]);
  const target = graph.input("target", "int32", [1, 1, 1, labels.length]);
  graph.output("loss", loss(x, target));
  const found = await runGraph(graph, {
    x: tensor({ shape: x.shape, data: logits.flat() }),
    target: { type: "int32", shape: target.shape, data: Int32Array.from(labels) },
  });
  return Number(found.loss.data[0]);
}

function assertNear(found: number, expected: number) {
  assert.ok(Math.abs(found - expected) < 2e-6, `${found}, expected ${expected}`);
}

Deno.test("trainerVariant() has upstream's losses", async () => {
  // Voxels of label 1 whose probability of it is ¾, ½ and ¼, and seven of background with 1/10.
  const odds = [3, 1, 1 / 3, ...new Array<number>(7).fill(1 / 9)];
  const logits = [odds.map(() => 0), odds.map(Math.log)];
  const labels = odds.map((_, i) => i < 3 ? 1 : 0);
  const surprises = [0.75, 0.5, 0.25, ...new Array<number>(7).fill(0.9)].map((p) => -Math.log(p));
  const entropy = surprises.reduce((a, b) => a + b, 0) / 10;
  const dice = (2 * 1.5 + 1e-5) / (3 + 2.2 + 1e-5);
  assertNear(await lossOf("CELoss", logits, labels), entropy);
  assertNear(await lossOf("DiceLoss", logits, labels), -dice);
  // Of ten voxels, the hardest is a tenth.
  assertNear(await lossOf("Topk10Loss", logits, labels), Math.log(4));
  assertNear(await lossOf("DiceTopK10Loss", logits, labels), Math.log(4) - dice);
  const smoothed = 0.9 * Math.log(4) + 0.1 * (Math.log(4) + Math.log(4 / 3)) / 2;
  assertNear(await lossOf("Topk10LossLS01", logits, labels), smoothed);
});

Deno.test("nnUNetTrainerDiceCELoss_noSmooth scores a label that is nowhere as 0, not 1", async () => {
  const logits = [[-99, 0], [0, -99], [-99, -99]];
  assertNear(await lossOf("DiceCELoss_noSmooth", logits, [1, 0]), -0.5);
});
