import assert from "node:assert/strict";
import { Graph } from "../../lib/graph/graph.ts";
import { cast, conv, slice } from "../../lib/graph/operators.ts";
import { type Network, parametersOf } from "../../lib/network/network.ts";
import { requireTrainable, withCheckedOutputs } from "../../lib/network/require_outputs.ts";

const imageShape = [2, 1, 4, 6];

/** Two heads at full resolution, and as many at half of it. */
const network: Network = (image, parameter) => {
  const logits = conv(image, parameter("head.weight", [2, 1, 1, 1], 0));
  return [logits, slice(logits, [2, 3].map((axis) => ({ axis, start: 0, step: 2 })))];
};

Deno.test("withCheckedOutputs() accepts outputs whose extents divide the image's", () => {
  const checked = withCheckedOutputs(network, 2);
  requireTrainable(checked, imageShape);
  assert.equal(parametersOf(checked, imageShape).length, 1);
});

const first = "expected [2,2,4,6]: one channel per head, and the image's shape";
const wrong: Readonly<Record<string, readonly [Network, string]>> = {
  "its input": [(image) => [image], `output 0 is the network's input, ${first}`],
  "no array": [
    (...given) => network(...given)[0] as never,
    "the network returned no array, expected an array of logits",
  ],
  "no outputs": [() => [], "the network returned no outputs, expected at least one"],
  "too many channels": [
    (image, parameter) => [conv(image, parameter("w", [3, 1, 1, 1], 0))],
    `output 0 has shape [2,3,4,6], ${first}`,
  ],
  "the lower resolution first": [
    (...given) => network(...given).toReversed(),
    `output 0 has shape [2,2,2,3], ${first}`,
  ],
  "extents that do not divide the image's": [
    (...given) => {
      const [logits] = network(...given);
      return [logits, slice(logits, [{ axis: 3, start: 0, end: 4 }])];
    },
    "output 1 has shape [2,2,4,4], expected [2,2,…] with extents that divide the image's, [4,6]",
  ],
  "integers": [
    (...given) => [cast(network(...given)[0], "int32")],
    "output 0 is int32, expected float32",
  ],
  "a value of another graph": [
    () => [new Graph().input("logits", "float32", [2, 2, 4, 6])],
    "output 0 is not a value of the image's graph, expected the result of an operator",
  ],
};

for (const [what, [network, message]] of Object.entries(wrong)) {
  Deno.test(`withCheckedOutputs() rejects a network that returns ${what}`, () => {
    assert.throws(
      () => parametersOf(withCheckedOutputs(network, 2), imageShape),
      { name: "TypeError", message: `Cannot build the network: ${message}` },
    );
  });
}

Deno.test("requireTrainable() rejects a network without parameters, and one that returns one", () => {
  assert.throws(() => requireTrainable((image) => [image], imageShape), /requests no parameters/);
  assert.throws(
    () => requireTrainable((_, parameter) => [parameter("w", [2, 2, 4, 6], 0)], imageShape),
    /^TypeError: Cannot build the network: output 0 is a parameter/,
  );
});
