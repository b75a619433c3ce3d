/** The worker behind {@link Engine}: sessions, and tensors that stay between their runs. */

import { type Device, keepsResults } from "./device.ts";
import { download } from "./download.ts";
import { serve, Transferred } from "./remote.ts";
import { DeviceTensor, type HostTensor, Session, type SessionOptions } from "./session.ts";

/** A kept tensor, and a buffer of its size for the next value to be written into. */
interface Slot {
  current: HostTensor | DeviceTensor;
  spare?: HostTensor;
}

const sessions: { readonly session: Session; readonly device: Device }[] = [];
const slots = new Map<string, Slot>();

function slot(name: string): Slot {
  const found = slots.get(name);
  if (!found) throw new RangeError(`Cannot find kept tensor "${name}"`);
  return found;
}

/** Puts a new value in place of an old one, whose memory is used again or freed. */
function replace(name: string, current: HostTensor | DeviceTensor): void {
  const previous = slots.get(name)?.current;
  if (previous instanceof DeviceTensor) previous.dispose();
  const spare = previous instanceof DeviceTensor ? undefined : previous;
  slots.set(name, current instanceof DeviceTensor ? { current } : { current, spare });
}

const api = {
  async load(model: Uint8Array, options: SessionOptions): Promise<number> {
    const session = await Session.create(model, options);
    return sessions.push({ session, device: options.device ?? "cpu" }) - 1;
  },

  keep(name: string, tensor: HostTensor): void {
    const previous = slots.get(name)?.current;
    if (previous instanceof DeviceTensor) previous.dispose();
    slots.set(name, { current: tensor });
  },

  /** A copy, which moves to the caller: receiving a clone would block it. */
  async read(name: string): Promise<Transferred<HostTensor>> {
    const { current } = slot(name);
    const tensor = current instanceof DeviceTensor
      ? await download(sessions.find(({ device }) => keepsResults(device))!.device, current)
      : current;
    const data = tensor.data.slice();
    return new Transferred({ ...tensor, data }, [data.buffer]);
  },

  async run(
    session: number,
    feeds: Readonly<Record<string, HostTensor>>,
    keptInputs: readonly string[],
    keptOutputs: Readonly<Record<string, string>>,
  ) {
    const held = keptInputs.map((name) => [name, slot(name).current] as const);
    const into = Object.entries(keptOutputs).flatMap(([output, name]) => {
      const spare = slots.get(name)?.spare;
      return spare ? [[output, spare] as const] : [];
    });
    const results = await sessions[session].session.runResident(
      { ...feeds, ...Object.fromEntries(held) },
      Object.fromEntries(into),
    );
    for (const [output, name] of Object.entries(keptOutputs)) {
      replace(name, results[output]);
      delete results[output];
    }
    const outputs = results as Record<string, HostTensor>;
    // The caller gets its own buffers back, to fill again.
    const tensors = [...Object.values(outputs), ...Object.values(feeds)];
    const buffers = new Set(tensors.map((tensor) => tensor.data.buffer));
    return new Transferred({ outputs, feeds }, [...buffers]);
  },

  async release(session: number): Promise<void> {
    await sessions[session].session.release();
  },
};

/** What the worker serves. */
export type EngineApi = typeof api;

serve(api);
