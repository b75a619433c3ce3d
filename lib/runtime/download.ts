/** Copies tensors between a device's memory and this process's memory. */

import { encodeModel } from "../graph/encode.ts";
import { Graph } from "../graph/graph.ts";
import { identity } from "../graph/operators.ts";
import type { Device } from "./device.ts";
import { type DeviceTensor, type HostTensor, Session } from "./session.ts";

/**
 * Copies a device's tensor into this process's memory.
 *
 * The copy is made by a model that returns its input on the CPU, because reading a device's buffer
 * through onnxruntime-node crashes the process.
 */
export async function download(device: Device, tensor: DeviceTensor): Promise<HostTensor> {
  const graph = new Graph();
  graph.output("y", identity(graph.input("x", tensor.type, tensor.shape)));
  const session = await Session.create(encodeModel(graph), { device });
  try {
    return (await session.run({ x: tensor })).y;
  } finally {
    await session.release();
  }
}

/** A tensor in a device's memory, and the session that owns it. */
export interface Uploaded {
  readonly tensor: DeviceTensor;
  /** Frees the memory. */
  release(): Promise<void>;
}

/** Copies a tensor into a device's memory. */
export async function upload(device: Device, tensor: HostTensor): Promise<Uploaded> {
  const graph = new Graph();
  graph.output("y", identity(graph.input("x", tensor.type, tensor.shape)));
  const session = await Session.create(encodeModel(graph), { device, resident: ["y"] });
  const { y } = await session.runResident({ x: tensor });
  const uploaded = y as DeviceTensor;
  return {
    tensor: uploaded,
    release() {
      uploaded.dispose();
      return session.release();
    },
  };
}
