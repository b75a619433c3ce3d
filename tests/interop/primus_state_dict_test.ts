import assert from "node:assert/strict";
import type { NdArray } from "../../lib/array/nd_array.ts";
import {
  addAliases,
  dropAliases,
  inModuleOrder,
  withMaskToken,
} from "../../lib/interop/unet_state_dict.ts";
import { parametersOf } from "../../lib/network/network.ts";
import { primus } from "../../lib/network/primus.ts";
import golden from "../golden/primus.json" with { type: "json" };

for (const [name, setting] of Object.entries(golden.cases)) {
  Deno.test(`the state dict of ${name} has PyTorch's names in PyTorch's order`, () => {
    const { classes: heads, features, depth, attentionHeads, batch, channels, patch } = setting;
    const stem = "stem" in setting
      ? { features: setting.stem, slope: 0.01, skips: name === "PrimusV3" }
      : undefined;
    const network = primus({ heads, features, depth, attentionHeads, stem });
    const parameters = new Map(
      parametersOf(network, [batch, channels, ...patch]).map(({ name, shape }) =>
        [name, { shape, data: new Float32Array() } as NdArray] as const
      ),
    );
    const ordered = inModuleOrder(parameters);
    // The optimiser's order.
    assert.deepEqual(ordered.keys().toArray(), setting.parameters.map(([name]) => name));
    const stateDict = withMaskToken(addAliases(ordered));
    assert.deepEqual(stateDict.keys().toArray(), setting.stateDict);
    assert.deepEqual(stateDict.get("mask_token")!.shape, [1, 1, features]);
    assert.deepEqual(dropAliases(stateDict), ordered);
  });
}
