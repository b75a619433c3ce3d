import assert from "node:assert/strict";
import { join } from "@std/path";
import { Variants } from "../../../notebooks/helpers/variants.ts";
import { short, tinyPlans } from "../../trainer/tiny_trainer.ts";

Deno.test({
  name: "Variants trains one after another, and compares those that have other names",
  // The worker that draws the chart is kept for later calls.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const plans = tinyPlans();
    const variants = new Variants(plans, { ...short, fold: 0, epochs: 2 });
    await variants.train("short", { epochs: 1 });
    await variants.train("short", { epochs: 1 }); // Takes the place of the first.
    await variants.train("fast", { learningRate: 0.05 });

    const [head, ...rows] = variants.table.text.split("\n");
    assert.match(head, /^variant +pseudo Dice, last epoch +its moving average +seconds per epoch$/);
    assert.deepEqual(rows.map((row) => row.split(" ")[0]), ["short", "fast"]);
    for (const row of rows) assert.match(row, /^\w+ +\d\.\d{3} +\d\.\d{3} +\d+\.\d$/);

    const { plotly } = await variants.curves();
    const lines = plotly!.data as { name: string; x: number[]; y: number[] }[];
    assert.deepEqual(lines.map(({ name, x }) => [name, x]), [["short", [1]], ["fast", [1, 2]]]);
    assert.ok(lines.every(({ y }) => y.every((dice) => dice >= 0 && dice <= 1)));

    const folder = join(
      plans.folders.results,
      "Dataset001_Tiny",
      "nnUNetTrainer__nnUNetPlans__3d_fullres",
    );
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
      name.startsWith("previous_")
    );
    assert.deepEqual(kept, []);
  },
});
