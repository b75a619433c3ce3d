import assert from "node:assert/strict";
import { encodeModel } from "../../../lib/graph/encode.ts";
import type { Graph } from "../../../lib/graph/graph.ts";
import * as o from "../../../lib/graph/operators.ts";
import { blockedLowerings } from "../../../lib/lowering/blocked/lowerings.ts";
import { cpuLowerings } from "../../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../../lib/lowering/lower.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { channelBlock } from "./channel_block.ts";
import { differentiate } from "../derivative_cases.ts";

const block = await channelBlock();

/** Image, filters and kernel of a convolution; channels and filters as multiples of the channel block where they are. */
interface Setting {
  readonly image: readonly number[];
  readonly filters: number;
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  /** Whether it is large enough for Winograd along depth to be faster. */
  readonly winograd?: boolean;
}

const [one, two] = [block, 2 * block];
const same3 = { kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] };
const settings: Record<string, Setting> = {
  "depth of whole tiles": { image: [2, one, 8, 9, 7], filters: two, ...same3, winograd: true },
  "depth of tiles and a place": {
    image: [1, one, 9, 16, 12],
    filters: one,
    ...same3,
    winograd: true,
  },
  "depth of one tile, odd planes": {
    image: [2, two, 4, 15, 9],
    filters: one,
    ...same3,
    winograd: true,
  },
  "depth of part of a tile": { image: [3, one, 3, 16, 12], filters: one, ...same3, winograd: true },
  "one tile of two places": { image: [2, one, 2, 20, 12], filters: one, ...same3, winograd: true },
  "one tile of five places": { image: [2, one, 5, 12, 9], filters: two, ...same3, winograd: true },
  "two tiles of six places": { image: [1, one, 12, 12, 9], filters: one, ...same3, winograd: true },
  "depth too small for its plane": { image: [2, one, 2, 4, 5], filters: one, ...same3 },
  "one plane": { image: [2, one, 1, 4, 5], filters: one, ...same3 },
  "more samples than a channel block has channels": {
    image: [block + 3, one, 4, 3, 3],
    filters: one,
    ...same3,
    winograd: true,
  },
  "one input channel": { image: [2, 1, 6, 5, 4], filters: one, ...same3 },
  "three input channels, 2D": {
    image: [3, 3, 7, 6],
    filters: one,
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
  },
  "few filters": { image: [2, one, 6, 5, 4], filters: 3, kernel: [1, 1, 1] },
  "part of a block of filters": { image: [2, one, 8, 5, 4], filters: block + 4, ...same3 },
  "several planes per group": { image: [6, two, 8, 2, 2], filters: two, ...same3 },
  "several images per group, 2D": {
    image: [block + 12, one, 3, 2],
    filters: one,
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
  },
  "kernel of one plane": {
    image: [2, one, 9, 5, 4],
    filters: one,
    kernel: [1, 3, 3],
    pads: [0, 1, 1, 0, 1, 1],
  },
  "taps along depth only": {
    image: [2, one, 8, 3, 3],
    filters: one,
    kernel: [3, 1, 1],
    pads: [1, 0, 0, 1, 0, 0],
  },
  "more places than planes": {
    image: [2, one, 6, 10, 9],
    filters: one,
    kernel: [3, 3, 3],
    pads: [2, 1, 1, 2, 1, 1],
    winograd: true,
  },
  "fewer places than planes": {
    image: [2, one, 10, 10, 9],
    filters: one,
    kernel: [3, 3, 3],
    winograd: true,
  },
  "kernel of five": {
    image: [1, one, 8, 6, 7],
    filters: one,
    kernel: [5, 5, 5],
    pads: [2, 2, 2, 2, 2, 2],
  },
  "stride 2": { image: [2, one, 8, 6, 4], filters: two, ...same3, strides: [2, 2, 2] },
  "stride 2, odd sizes": { image: [2, one, 7, 5, 9], filters: one, ...same3, strides: [2, 2, 2] },
  "in-plane stride": { image: [2, one, 8, 6, 4], filters: one, ...same3, strides: [1, 2, 2] },
  "stride along depth": { image: [2, one, 8, 5, 4], filters: one, ...same3, strides: [2, 1, 1] },
  "tiles": { image: [2, one, 4, 6, 4], filters: one, kernel: [2, 2, 2], strides: [2, 2, 2] },
  "unequal padding": { image: [2, one, 7, 5, 6], filters: one, kernel: [3, 3, 3] },
  "2D": { image: [2, one, 9, 7], filters: two, kernel: [3, 3], pads: [1, 1, 1, 1] },
  "2D, as many images as fill blocks and a half": {
    image: [block + block / 2, one, 6, 5],
    filters: one,
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
  },
};

/** Computes a convolution's result and the gradients of image, weights and bias. */
async function run(graph: Graph, feeds: ReturnType<typeof differentiate>["feeds"]) {
  const session = await Session.create(encodeModel(graph), { threads: 2 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

const skipped = block > 1 ? "" : " (skipped: this processor blocks no channels)";

for (
  const [name, { image, filters, kernel, strides, pads, winograd }] of Object.entries(settings)
) {
  Deno.test({
    name:
      `a convolution on blocked channels and its gradients give what plain ones give: ${name}${skipped}`,
    ignore: block <= 1,
    async fn() {
      const rank = kernel.length;
      const { graph, feeds } = differentiate({
        shapes: [image, [filters, image[1], ...kernel], [filters]],
        build: (x, w, bias) =>
          o.conv(x, w, bias, {
            strides: strides ?? new Array<number>(rank).fill(1),
            pads: pads ?? new Array<number>(2 * rank).fill(0),
          }),
      });
      const lowered = lower(graph, blockedLowerings(block));
      const isMixed = lowered.nodes.some(({ operator, origin }) =>
        operator === "MatMul" && graph.nodes[Number(origin)].operator === "Conv"
      );
      assert.equal(isMixed, winograd ?? false);
      const expected = await run(lower(graph, cpuLowerings), feeds);
      const found = await run(lowered, feeds);
      for (const [output, { shape, data }] of Object.entries(expected)) {
        assert.deepEqual(found[output].shape, shape);
        const values = Array.from(data, Number);
        // The terms of the bias's gradient nearly cancel.
        const scale = Math.max(1, ...values.map(Math.abs));
        const errors = values.map((value, i) => Math.abs(Number(found[output].data[i]) - value));
        // Winograd's errors are up to five times those of plain sums in float32.
        assert.ok(Math.max(...errors) < 1e-5 * scale, `${output}: ${Math.max(...errors) / scale}`);
      }
    },
  });
}
