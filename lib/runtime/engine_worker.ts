/** Runs in the worker of {@link Engine}, with sessions and the tensors kept between their runs. */

import { type Device, keepsResults } from "./device.ts";
import { download } from "./download.ts";
import { serve, Transferred } from "./remote.ts";
import { sendTensors } from "./sent_tensors.ts";
import {
  DeviceTensor,
  freeTensor,
  type HostTensor,
  Session,
  type SessionOptions,
} from "./session.ts";

const sessions: { readonly session: Session; readonly device: Device }[] = [];
const kept = new Map<string, HostTensor | DeviceTensor>();

function tensorKept(name: string): HostTensor | DeviceTensor {
  const found = kept.get(name);
  if (!found) throw new RangeError(`Cannot find kept tensor "${name}"`);
  return found;
}

/** Keeps a tensor under a name and frees the previous one. */
function replace(name: string, tensor: HostTensor | DeviceTensor): void {
  const previous = kept.get(name);
  if (previous instanceof DeviceTensor) previous.dispose();
  else if (previous) freeTensor(previous);
  kept.set(name, tensor);
}

/** Returns a copy of a kept tensor. */
async function read(name: string): Promise<HostTensor> {
  const current = tensorKept(name);
  const tensor = current instanceof DeviceTensor
    ? await download(sessions.find(({ device }) => keepsResults(device))!.device, current)
    : current;
  return { ...tensor, data: tensor.data.slice() };
}

const api = {
  async load(model: Uint8Array, options: SessionOptions): Promise<number> {
    const session = await Session.create(model, options);
    return sessions.push({ session, device: options.device ?? "cpu" }) - 1;
  },

  keep(name: string, tensor: HostTensor): void {
    replace(name, tensor);
  },

  /** Transfers a copy to the caller: receiving a structured clone would block the caller. */
  async read(name: string): Promise<Transferred<HostTensor>> {
    const tensor = await read(name);
    return new Transferred(tensor, [tensor.data.buffer]);
  },

  async send(names: readonly string[], port: MessagePort): Promise<void> {
    await sendTensors(port, async () => {
      const tensors: Record<string, HostTensor> = {};
      for (const name of names) tensors[name] = await read(name);
      return tensors;
    });
  },

  async run(
    session: number,
    feeds: Readonly<Record<string, HostTensor>>,
    keptInputs: readonly string[],
    keptOutputs: Readonly<Record<string, string>>,
  ) {
    const held = keptInputs.map((name) => [name, tensorKept(name)] as const);
    const results = await sessions[session].session.runResident({
      ...feeds,
      ...Object.fromEntries(held),
    });
    for (const [output, name] of Object.entries(keptOutputs)) {
      replace(name, results[output]);
      delete results[output];
    }
    const outputs = results as Record<string, HostTensor>;
    // The caller's buffers are returned so that it can reuse them.
    const tensors = [...Object.values(outputs), ...Object.values(feeds)];
    const buffers = new Set(tensors.map((tensor) => tensor.data.buffer));
    return new Transferred({ outputs, feeds }, [...buffers]);
  },

  async release(session: number): Promise<void> {
    await sessions[session].session.release();
  },
};

/** The functions that the worker serves. */
export type EngineApi = typeof api;

serve(api);
