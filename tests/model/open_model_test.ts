import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { exportedModel } from "../../lib/model/exported_model.ts";
import { openModel } from "../../lib/model/open_model.ts";
import { OpenModelError } from "../../lib/model/open_model_error.ts";
import { openTrained } from "../../lib/model/open_trained.ts";
import { decodeModel } from "../../lib/graph/encode.ts";
import { writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { Predictor } from "../../lib/predictor.ts";
import { Trainer } from "../../lib/trainer.ts";
import { makeTinyPlans, tinyScan } from "../tiny_scans.ts";

const { plans, root } = await makeTinyPlans();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const trainer = new Trainer(plans, "3d_fullres", {
  epochs: 1,
  iterations: 2,
  validationIterations: 1,
  threads: 1,
});
await Array.fromAsync(trainer.fit());
const checkpointPath = join(trainer.folder, "checkpoint_final.pth");
const { image } = tinyScan(3);

Deno.test("Predictor gives the same labels from a folder, a checkpoint and ONNX files", async () => {
  const options = { threads: 1 };
  const { checkpoints: [checkpoint], ...model } = await openTrained(trainer.folder);
  const exported = join(root, "exported.onnx");
  await Deno.writeFile(
    exported,
    exportedModel(model, checkpoint.networkWeights, { mirroring: true, probabilities: true }),
  );
  using fromFolder = await Predictor.open(trainer.folder, options);
  const expected = await fromFolder.predict(image);
  const others = [checkpointPath, join(trainer.folder, "model.onnx"), exported];
  for (const path of others) {
    using predictor = await Predictor.open(path, options);
    let passes = 0;
    const labels = await predictor.predict(image, {
      onProgress: ({ totalTiles }) => passes = totalTiles,
    });
    const same = labels.data.filter((label, i) => label === expected.data[i]).length;
    // With operators in another order, a voxel may change where two classes are equal.
    assert.ok(same >= labels.data.length - 1, path);
    assert.equal(passes, path === exported ? 1 : 8);
  }
});

Deno.test("exportedModel() stores metadata and leaves the number of patches free", async () => {
  const { checkpoints: [checkpoint], ...model } = await openTrained(trainer.folder);
  const { graph, metadataProps } = decodeModel(exportedModel(model, checkpoint.networkWeights));
  const [input] = graph!.input;
  assert.ok(input.type?.value.case === "tensorType");
  assert.deepEqual(input.type.value.value.shape?.dim[0].value, { case: "dimParam", value: "n" });
  assert.deepEqual(graph!.output.map(({ name }) => name), ["logits"]);
  assert.ok(graph!.node.every(({ domain }) => domain === ""), "ONNX's own operators alone");
  const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  assert.deepEqual(JSON.parse(metadata.labels), { background: 0, shell: 1, ball: 2 });
  assert.equal(metadata.configuration, "3d_fullres");
  assert.deepEqual(JSON.parse(metadata.mirror_axes), [0, 1, 2]);
});

Deno.test("openModel() rejects checkpoints whose weights do not fit the plan", async () => {
  const { checkpoints: [checkpoint] } = await openTrained(trainer.folder);
  const path = join(root, "other.pth");
  const [name] = checkpoint.networkWeights.keys();
  const weights = new Map(checkpoint.networkWeights);
  weights.delete(name);
  await writeCheckpoint(path, { ...checkpoint, optimizer: null, networkWeights: weights });
  await assert.rejects(openModel(path), (error) => {
    assert.ok(error instanceof OpenModelError);
    assert.equal(error.path, path);
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.message, `Cannot open model ${path}: ${error.cause.message}`);
    assert.match(error.message, new RegExp(`${name} is missing, expected \\[`));
    return true;
  });
});

Deno.test("openModel() rejects truncated checkpoints and ONNX files with an error", async () => {
  const path = { pth: join(root, "mutated.pth"), onnx: join(root, "mutated.onnx") };
  const original = {
    pth: await Deno.readFile(checkpointPath),
    onnx: await Deno.readFile(join(trainer.folder, "model.onnx")),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("pth" as const, "onnx" as const),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (kind, share) => {
        const bytes = original[kind];
        await Deno.writeFile(path[kind], bytes.subarray(0, Math.floor(share * bytes.length)));
        await assert.rejects(
          openModel(path[kind]),
          (error: Error) => error.message.includes(path[kind]),
        );
      },
    ),
    { seed: 1, numRuns: 25 },
  );
});
