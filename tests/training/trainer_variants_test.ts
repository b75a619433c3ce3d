import assert from "node:assert/strict";
import { trainerNames, trainerVariant } from "../../lib/training/trainer_variants.ts";
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
  assert.throws(() => trainerVariant("nnUNetTrainerAdan", 3), {
    name: "RangeError",
    message: `Cannot train with trainer "nnUNetTrainerAdan": expected one of ${
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
