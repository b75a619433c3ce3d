import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { encodeModel } from "../../../lib/graph/encode.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import * as o from "../../../lib/graph/operators.ts";
import { blockedLowerings } from "../../../lib/lowering/blocked/lowerings.ts";
import { cpuLowerings } from "../../../lib/lowering/cpu/lowerings.ts";
import { lower, type LoweringTable } from "../../../lib/lowering/lower.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { lcg } from "../../golden/lcg.ts";
import { tensor } from "../../graph/run_graph.ts";
import { channelBlock } from "./channel_block.ts";

const block = await channelBlock();
const skipped = block > 1 ? "" : " (skipped: this processor blocks no channels)";

for (const size of [[3, 6, 5], [6, 5]]) {
  Deno.test({
    name: `batch normalisation by given statistics on blocked channels, ${size.length}D${skipped}`,
    ignore: block <= 1,
    async fn() {
      const c = 2 * block;
      const kernel = size.map(() => 3);
      const shapes = {
        x: [2, c, ...size],
        w: [c, c, ...kernel],
        scale: [c],
        shift: [c],
        mean: [c],
        deviation: [c],
      };
      const graph = new Graph();
      const { x, w, scale, shift, mean, deviation } = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, "float32", shape)]),
      );
      const convolved = o.conv(x, w, null, { pads: [...kernel, ...kernel].map(() => 1) });
      const variance = o.mul(deviation, deviation);
      const y = o.batchNorm(convolved, scale, shift, mean, variance, 1e-2);
      graph.output("y", y);
      graph.output("active", o.leakyRelu(y, 0));

      const run = async (table: LoweringTable) => {
        const random = lcg(2);
        const feeds = Object.fromEntries(
          Object.entries(shapes).map(([name, shape]) => [
            name,
            tensor({
              shape,
              data: Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1),
            }),
          ]),
        );
        const lowered = lower(graph, table);
        const session = await Session.create(encodeModel(lowered), { threads: 1 });
        const { y, active } = await session.run(feeds);
        await session.release();
        const isBlocked = lowered.nodes.every(({ operator }) => operator !== "BatchNormalization");
        return { values: [...y.data, ...active.data].map(Number), isBlocked };
      };
      const expected = await run(cpuLowerings);
      const found = await run(blockedLowerings(block));
      assert.ok(found.isBlocked && !expected.isBlocked);
      const scaleOf = expected.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expected.values.forEach((value, i) =>
        assert.ok(
          Math.abs(found.values[i] - value) < 1e-5 * scaleOf,
          `${found.values[i]}, ${value}`,
        )
      );
    },
  });
}
