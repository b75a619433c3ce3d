import assert from "node:assert/strict";
import golden from "../golden/checkpoint.json" with { type: "json" };
import { addAliases, dropAliases, inModuleOrder } from "../../lib/interop/unet_state_dict.ts";

const networks = {
  PlainConvUNet: {
    parameters: Object.keys(golden.checkpoint.weights),
    stateDictKeys: golden.checkpoint.stateDictKeys,
  },
  ResidualEncoderUNet: golden.residualEncoder,
};

for (const [network, { parameters, stateDictKeys }] of Object.entries(networks)) {
  const own = new Map(parameters.map((name, index) => [name, index]));

  Deno.test(`addAliases() lists the keys of a ${network} in PyTorch's order`, () => {
    assert.deepEqual([...addAliases(own).keys()], stateDictKeys);
  });

  Deno.test(`dropAliases() undoes addAliases() for a ${network}`, () => {
    assert.deepEqual([...dropAliases(addAliases(own))], [...own]);
  });
}

Deno.test("inModuleOrder() sorts parameters as PyTorch does, for any order of the network", () => {
  const parameters = golden.residualEncoder.parameters;
  const level = (name: string) => Number(/\d+/.exec(name)![0]);
  const interleaved = parameters.toSorted((a, b) =>
    Number(a.startsWith("decoder")) - Number(b.startsWith("decoder")) || level(a) - level(b)
  );
  assert.notDeepEqual(interleaved, parameters);
  const order = (
    names: readonly string[],
  ) => [...inModuleOrder(new Map(names.map((name) => [name, 0]))).keys()];
  assert.deepEqual(order(interleaved), parameters);
  assert.deepEqual(order(["head.bias", ...interleaved]), [...parameters, "head.bias"]);
});

Deno.test("addAliases() gives an alias the value of the original name", () => {
  const complete = addAliases(
    new Map([
      ["encoder.stages.0.0.convs.0.conv.weight", "a"],
      ["encoder.stages.0.0.convs.0.norm.weight", "b"],
      ["decoder.transpconvs.0.weight", "c"],
    ]),
  );
  assert.equal(complete.get("encoder.stages.0.0.convs.0.all_modules.1.weight"), "b");
  assert.equal(complete.get("decoder.encoder.stages.0.0.convs.0.all_modules.0.weight"), "a");
  assert.equal(complete.size, 9);
});

Deno.test("dropAliases() removes the prefix of networks trained on several GPUs", () => {
  const stateDict = new Map([["module.decoder.seg_layers.0.bias", 1]]);
  assert.deepEqual([...dropAliases(stateDict)], [["decoder.seg_layers.0.bias", 1]]);
});
