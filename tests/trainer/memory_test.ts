import assert from "node:assert/strict";
import { DeviceMemoryError, Plans, Trainer } from "../../mod.ts";
import { makeTinyPlans } from "../tiny_scans.ts";

Deno.test("Trainer refuses a step that the machine has no memory for, before it is allocated", async () => {
  const { plans, root } = await makeTinyPlans();
  try {
    const configuration = plans.configuration("3d_fullres");
    const patchSize = [800, 800, 800]; // 33 GB a channel, in a batch of 16.
    const changed = new Plans({
      ...plans,
      plansData: {
        ...plans.plansData,
        configurations: { "3d_fullres": { ...configuration, patchSize, batchSize: 16 } },
      },
    });
    const trainer = new Trainer(changed, "3d_fullres", { fold: 0, device: "cpu", epochs: 1 });
    const before = Deno.memoryUsage().rss; // Of the tests that ran before in this process.
    await assert.rejects(async () => {
      for await (const _ of trainer.fit());
    }, (error: Error) => {
      assert.ok(error instanceof DeviceMemoryError, `${error.stack}`);
      assert.match(error.message, /^Cannot compute on cpu: a training step needs about .* TB? of/);
      return true;
    });
    assert.ok(Deno.memoryUsage().rss - before < 1e9);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
