import assert from "node:assert/strict";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { inferenceNames } from "../../../lib/model/inference_graph.ts";
import { createGenerator } from "../../../lib/random/generator.ts";
import { type HostTensor, Session } from "../../../lib/runtime/session.ts";
import { type CpuNetwork, openCpuNetwork } from "../../../lib/window/cpu/cpu_network.ts";
import { smallHeads, smallNetworkModel, smallNetworks } from "../small_networks.ts";

for (const [name, setting] of Object.entries(smallNetworks)) {
  Deno.test(`openCpuNetwork() computes the model's logits: ${name}`, async () => {
    const shape = [2, setting.channels, ...setting.patch];
    const model = smallNetworkModel(setting, 2);
    const generator = createGenerator(2);
    const data = Float32Array.from({ length: sizeOf(shape) }, () => generator.normal());
    const image: HostTensor = { type: "float32", shape, data };
    const logitsOf = async (session: CpuNetwork) => {
      const { logits } = await session.run({ [inferenceNames.image]: image });
      await session.release();
      return logits;
    };

    const expected = await logitsOf(await Session.create(model, { threads: 1 }));
    const found = await logitsOf(await openCpuNetwork(model, { threads: 1, patches: 2 }));
    assert.deepEqual(found.shape, [2, smallHeads, ...setting.patch]);
    const values = Array.from(expected.data, Number);
    const scale = Math.max(...values.map(Math.abs));
    const worst = Math.max(...values.map((v, i) => Math.abs(v - Number(found.data[i])))) / scale;
    assert.ok(worst < 1e-5, `found a difference of ${worst}, expected 1e-5`);
  });
}
