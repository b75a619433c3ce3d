/**
 * Runs networks on a device, and sums their logits in this machine's memory, for volumes whose
 * logits do not fit into the device's.
 */

import { encodeModel } from "../../graph/encode.ts";
import { patchesThatFit } from "../../memory/window_memory.ts";
import { freeTensor, type HostTensor, Session } from "../../runtime/session.ts";
import { CpuWindow } from "../cpu/cpu_window.ts";
import type { TilePredictor } from "../cpu/predict_cells.ts";
import type { SlidingWindow, WindowNeeds } from "../sliding_window.ts";
import { tileOf } from "../tiles.ts";
import type { DeviceWindowOptions } from "./device_window.ts";
import { networkNeeds } from "./network_needs.ts";
import { networkPass, passNames } from "./pass_graphs.ts";

/**
 * Loads networks into a sliding window.
 *
 * @param models One inference model of this library per fold.
 * @param options The device, and how to predict volumes.
 */
export async function openHostWindow(
  models: readonly Uint8Array[],
  options: DeviceWindowOptions,
): Promise<SlidingWindow> {
  const { device, threads } = options;
  const sessions = await Promise.all(models.map((model) => {
    const network = encodeModel(networkPass([model], 1, options));
    return Session.create(network, { device, threads });
  }));
  return new CpuWindow(sessions.map(tilePredictor), options, sessions);
}

function tilePredictor(session: Session): TilePredictor {
  let last: HostTensor | undefined;
  return async ({ shape, data }) => {
    if (last) freeTensor(last); // The previous logits may be overwritten now.
    const [channels, ...tile] = shape;
    const patch: HostTensor = { type: "float32", shape: [channels, ...tileOf(tile)], data };
    const { [passNames.logits(0)]: logits } = await session.run({ [passNames.patch(0)]: patch });
    last = logits;
    return logits.data as Float32Array<ArrayBuffer>;
  };
}

/**
 * Measures the memory that {@link openHostWindow} and its predictions need: on the device, only one
 * tile's.
 *
 * @param models One inference model of this library per fold.
 * @param options The device, and how to predict volumes.
 */
export function hostWindowNeeds(
  models: readonly Uint8Array[],
  options: DeviceWindowOptions,
): WindowNeeds {
  const needs = networkNeeds(models, options);
  return {
    holdsAllLogits: false,
    networkBytes: 0,
    requireFits() {
      patchesThatFit(needs, options, tileOf(options.tileSize), options.limits);
    },
  };
}
