/** `bench:inference`, network: compares one pass over a batch of patches with PyTorch's. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { openCpuNetwork } from "../../lib/window/cpu/cpu_network.ts";
import { inferenceModel, inferenceNames } from "../../lib/model/inference_graph.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { HostTensor } from "../../lib/runtime/session.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { CLASSES, geometryOf, networkOfBench } from "./plain_network.ts";
import type { MachineRate } from "./machine_rate.ts";
import { isFasterWithChannelsLast } from "./memory_format.ts";
import { passOperations } from "./operations.ts";
import type { PythonPeer } from "./python_peer.ts";
import { formatMilliseconds, spreadOf } from "./statistics.ts";

/** Networks by the letters of `bench:train`, and their targets as multiples of PyTorch's speed. */
export const nets = {
  a: { batch: 1, patch: [40, 56, 40], features: [32, 64, 128, 256], target: 1.3 },
  c: { batch: 32, patch: [56, 40], features: [32, 64, 128, 256], target: 1.6 },
  d: { batch: 1, patch: [64, 64, 64], features: [32, 64, 128, 256, 320], target: 1.6 },
} as const;

const passesPerRound = 4;

/**
 * Times both sides, alternating. PyTorch's tensors have the memory format that is faster.
 *
 * @returns PyTorch's median time divided by ours.
 */
export async function compareNetwork(
  peer: PythonPeer,
  name: keyof typeof nets,
  { threads, rounds, rate }: {
    readonly threads: number;
    readonly rounds: number;
    readonly rate: MachineRate;
  },
): Promise<number> {
  const { batch, patch, features } = nets[name];
  const shape = [batch, 1, ...patch];
  await peer.ask({
    network: { shape, features, ...geometryOf(nets[name]), heads: CLASSES, threads },
  });

  const network = networkOfBench(nets[name], false);
  const parameters = parametersOf(network, shape);
  const weights = initialWeights(parameters, createGenerator(0));
  const model = inferenceModel(network, shape, parametersByName(parameters, weights));
  const session = await openCpuNetwork(model, { threads, patches: batch });
  const generator = createGenerator(1);
  const image: HostTensor = {
    type: "float32",
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => generator.normal()),
  };
  const channelsLast = await isFasterWithChannelsLast((channelsLast) =>
    peer.ask<number[]>({ forward: passesPerRound, channelsLast })
  );
  await rate.measure();
  let into: Record<string, HostTensor> = {};
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const peerTimes = await peer.ask<number[]>({
      forward: passesPerRound,
      channelsLast,
    });
    const times: number[] = [];
    for (let pass = 0; pass < passesPerRound; pass++) {
      const begin = performance.now();
      into = await session.run({ [inferenceNames.image]: image }, into);
      times.push(performance.now() - begin);
    }
    if (round === 0) continue; // Warms up caches and allocators.
    theirs.push(...peerTimes);
    ours.push(...times);
  }
  await session.release();
  const ratio = spreadOf(theirs).median / spreadOf(ours).median;
  console.log(
    `network ${name}, ${batch} × ${patch.join("×")}, ${features.join("-")}: ` +
      `PyTorch ${formatMilliseconds(theirs)} ms, ours ${formatMilliseconds(ours)} ms: ` +
      `${ratio.toFixed(2)}×`,
  );
  await rate.measure();
  const medians = { ours: spreadOf(ours).median, theirs: spreadOf(theirs).median };
  console.log(
    `   ${rate.describe(passOperations(network, shape), medians)}; PyTorch with channels ` +
      (channelsLast ? "last" : "first"),
  );
  return ratio;
}
