/**
 * Trains a network for some steps and prints the memory of the idle process and the peak, in bytes:
 * `deno run -A tests/bench/step_memory.ts NET STEPS`. This is a program because a process's peak is
 * never reset.
 */

import { initialWeights } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { processMemory } from "./process_memory.ts";
import { type NetName, randomBatch, stepParts } from "./step_networks.ts";

const [name, steps] = [Deno.args[0] as NetName, Number(Deno.args[1])];
// Loads ONNX Runtime.
(await Engine.start()).close();
const idle = processMemory("VmRSS");
const runner = await StepRunner.start(
  stepParts(name),
  (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }),
);
let batch = randomBatch(name);
for (let step = 0; step < steps; step++) ({ batch } = await runner.train(batch, 0.01));
console.log(JSON.stringify({ peak: processMemory("VmHWM"), idle }));
runner.close();
