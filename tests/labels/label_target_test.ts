import assert from "node:assert/strict";
import fc from "fast-check";
import { sizeOf, type Zyx } from "../../lib/array/nd_array.ts";
import { labelRuleOf } from "../../lib/labels/label_rule.ts";
import { LabelTarget } from "../../lib/labels/label_target.ts";
import { CpuWindow } from "../../lib/window/cpu/cpu_window.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { regionsAs } from "../model/regions.ts";
import { labelsOnGrid } from "./labels_of_logits.ts";

const edge = (max: number) => fc.integer({ min: 1, max });

Deno.test("LabelTarget decides the same labels cell by cell as from whole logits", () =>
  fc.assert(
    fc.asyncProperty(
      fc.tuple(edge(7), edge(9), edge(11)),
      fc.oneof(fc.tuple(edge(5), edge(5), edge(5)), fc.tuple(edge(5), edge(6))),
      fc.tuple(edge(9), edge(13), edge(17)),
      fc.constantFrom(0.25, 0.5, 1),
      fc.constantFrom([1, 1, 1], [5, 1, 1], [1, 1, 9]),
      fc.boolean(),
      fc.constantFrom(0, 2000, 1e9),
      async (size: Zyx, tileSize, newSize: Zyx, stepSize, spacing, regions, cellBudget) => {
        const heads = 3;
        const generator = createGenerator(sizeOf(size));
        const volume = {
          shape: [1, ...size],
          data: Float32Array.from({ length: sizeOf(size) }, () => generator.normal()),
        };
        const logits = new Float32Array(heads * sizeOf(tileSize));
        const predict = ({ data }: { data: Float32Array }) => {
          for (let i = 0; i < logits.length; i++) {
            logits[i] = Math.sin(9 * data[i % data.length] + 2 * Math.floor(i / data.length));
          }
          return Promise.resolve(logits);
        };
        const window = { tileSize, heads, stepSize, mirrorAxes: [0] };
        const standFor = regions ? { count: heads, regions: regionsAs(2, 3, 1) } : { count: heads };
        const rule = labelRuleOf(standFor, "logits");
        const grid = { shape: newSize, spacing, newSpacing: [1, 1, 1] };
        const whole = await new CpuWindow([predict], window).logits(volume);
        const expected = labelsOnGrid(whole, grid, standFor);

        const target = LabelTarget.of(size, grid, rule);
        const boxes = new CpuWindow([predict], { ...window, cellBudget });
        await boxes.forEachBox(volume, (box) => target.add(box));
        assert.deepEqual(target.labels, expected);
      },
    ),
    { seed: 1, numRuns: 200 },
  ));
