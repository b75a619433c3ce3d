/** What we write, loaded by PyTorch and upstream's network. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import golden from "../golden/checkpoint.json" with { type: "json" };
import { writeCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { decodeCheckpoint } from "../../lib/interop/nnunet_checkpoint.ts";

const python = Deno.env.get("NNUNET_TEST_PYTHON");
const path = (relative: string) => decodeURIComponent(new URL(relative, import.meta.url).pathname);

Deno.test({
  name: "encodeCheckpoint() writes what torch.load, PlainConvUNet, SGD and GradScaler load" +
    (python ? "" : " (skipped: set NNUNET_TEST_PYTHON)"),
  ignore: !python,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const file = join(folder, "checkpoint_latest.pth");
      const checkpoint = decodeCheckpoint(await Deno.readFile(path("../golden/checkpoint.pth")));
      await writeCheckpoint(file, {
        ...checkpoint,
        // Heads first: our networks do not ask for parameters in PyTorch's order.
        networkWeights: new Map(
          [...checkpoint.networkWeights].sort(([a], [b]) =>
            Number(b.includes("seg_layers")) - Number(a.includes("seg_layers"))
          ),
        ),
        gradScaler: { scale: 1024, growthInterval: 2000, growthTracker: 17 },
        extraState: { seed: [12345] },
      });
      const { success, stdout, stderr } = await new Deno.Command(python!, {
        args: [path("load_in_python.py"), file],
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const loaded = JSON.parse(new TextDecoder().decode(stdout));

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
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

function elementsOf(described: Readonly<Record<string, { elements: number[] }>>) {
  return Object.fromEntries(
    Object.entries(described).map(([name, { elements }]) => [name, elements]),
  );
}
