/** Checks whole models with ONNX's checker. */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { encodeModel } from "../../lib/graph/encode.ts";
import { cpuLowerings } from "../../lib/lowering/cpu/lowerings.ts";
import { lower } from "../../lib/lowering/lower.ts";
import { inferenceModel } from "../../lib/model/inference_graph.ts";
import { countParameters, parametersOf } from "../../lib/network/network.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { trainingGraph, validationGraph } from "../../lib/training/step/step_graph.ts";
import golden from "../golden/network.json" with { type: "json" };
import { goldenNetwork } from "../network/networks.ts";
import { runPython, testWithPython } from "../with_python.ts";

testWithPython("training, validation and inference models pass ONNX's checker", async (folder) => {
  const paths: string[] = [];
  const write = async (name: string, model: Uint8Array) => {
    paths.push(join(folder, `${paths.length} ${name}.onnx`));
    await Deno.writeFile(paths.at(-1)!, model);
  };
  for (const [name, setting] of Object.entries(golden.cases)) {
    const { batch, channels, patch } = setting;
    const imageShape = [batch, channels, ...patch];
    const network = goldenNetwork(setting, true);
    const parameters = parametersOf(network, imageShape);
    const heads = { count: setting.classes };
    const loss = diceAndCrossEntropy(heads, { batchDice: true });
    const parts = { network, parameters, loss, heads, imageShape };
    await write(`training ${name}`, encodeModel(lower(trainingGraph(parts), cpuLowerings)));
    await write(`validation ${name}`, encodeModel(lower(validationGraph(parts), cpuLowerings)));
    const weights = new Float32Array(countParameters(parameters)).fill(0.1);
    await write(
      `inference ${name}`,
      inferenceModel(
        goldenNetwork(setting, false),
        imageShape,
        parametersByName(parameters, weights),
        { plans: "{}" },
      ),
    );
  }
  const script = fileURLToPath(new URL("check_onnx.py", import.meta.url));
  await runPython(script, ...paths);
});
