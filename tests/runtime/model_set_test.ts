import assert from "node:assert/strict";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { mul } from "../../lib/graph/operators.ts";
import { Engine, type LoadedModel } from "../../lib/runtime/engine.ts";
import { ModelSet } from "../../lib/runtime/model_set.ts";
import { tensor } from "../graph/run_graph.ts";

/** Encodes y = factor · x. */
function timesFile(factor: number) {
  const graph = new Graph();
  graph.output("y", mul(graph.input("x", "float32", [1]), factor));
  return { model: encodeModel(graph), options: { threads: 1 } };
}

const files = { twice: timesFile(2), thrice: timesFile(3) };

async function resultOf(model: LoadedModel) {
  const { outputs } = await model.run({ x: tensor({ shape: [1], data: [5] }) });
  return outputs.y.data[0];
}

async function withEngine(run: (engine: Engine) => Promise<void>) {
  const engine = await Engine.start();
  try {
    await run(engine);
  } finally {
    engine.close();
  }
}

for (const oneAtATime of [false, true]) {
  Deno.test(`ModelSet.get() returns models in any order, one at a time: ${oneAtATime}`, () =>
    withEngine(async (engine) => {
      const models = await ModelSet.load<keyof typeof files>(engine, files, { oneAtATime });
      const first = await models.get("twice");
      for (const [name, expected] of [["twice", 10], ["thrice", 15], ["twice", 10]] as const) {
        const model = await models.get(name);
        assert.equal(await models.get(name), model);
        assert.equal(await resultOf(model), expected);
      }
      // A model that was released is loaded again.
      assert.equal(await models.get("twice") === first, !oneAtATime);
      if (oneAtATime) await assert.rejects(resultOf(first));
    }));
}

Deno.test("ModelSet.load() rejects a broken model, ModelSet.get() an unknown name", () =>
  withEngine(async (engine) => {
    const broken = { model: Uint8Array.of(1, 2, 3), options: {} };
    await assert.rejects(
      ModelSet.load(engine, { ...files, broken }, { oneAtATime: true }),
      /protobuf|model/i,
    );
    const models = await ModelSet.load<string>(engine, files);
    await assert.rejects(models.get("half"), {
      name: "RangeError",
      message: 'Cannot find model "half"',
    });
  }));
