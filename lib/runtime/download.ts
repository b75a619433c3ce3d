/** Bringing a tensor from a device's memory into this process's. */

import { encodeModel } from "../graph/encode.ts";
import { Graph } from "../graph/graph.ts";
import { identity } from "../graph/operators.ts";
import type { Device } from "./device.ts";
import { type DeviceTensor, type HostTensor, Session } from "./session.ts";

/**
 * A copy of a device's tensor.
 *
 * By a model that does nothing but give its input to the CPU: reading a device's buffer through
 * onnxruntime-node itself ends the process.
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

/** A tensor in a device's memory, with the session that it lives by. */
export interface Uploaded {
  readonly tensor: DeviceTensor;
  /** Frees the memory. */
  release(): Promise<void>;
}

/** A copy of a tensor in a device's memory. */
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
