/** The worker behind {@link Engine}: sessions, and tensors that stay between their runs. */

import { serve, Transferred } from "./remote.ts";
import { type HostTensor, Session, type SessionOptions } from "./session.ts";

/** A kept tensor, and a buffer of its size for the next value to be written into. */
interface Slot {
  current: HostTensor;
  spare?: HostTensor;
}

const sessions: Session[] = [];
const slots = new Map<string, Slot>();

function slot(name: string): Slot {
  const found = slots.get(name);
  if (!found) throw new RangeError(`Cannot find kept tensor "${name}"`);
  return found;
}

const api = {
  async load(model: Uint8Array, options: SessionOptions): Promise<number> {
    return sessions.push(await Session.create(model, options)) - 1;
  },

  keep(name: string, tensor: HostTensor): void {
    slots.set(name, { current: tensor });
  },

  /** A copy: the tensor itself stays. */
  read(name: string): HostTensor {
    return slot(name).current;
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
    const results = await sessions[session].run(
      { ...feeds, ...Object.fromEntries(held) },
      Object.fromEntries(into),
    );
    for (const [output, name] of Object.entries(keptOutputs)) {
      slots.set(name, { current: results[output], spare: slots.get(name)?.current });
      delete results[output];
    }
    // The caller gets its own buffers back, to fill again.
    const tensors = [...Object.values(results), ...Object.values(feeds)];
    const buffers = new Set(tensors.map((tensor) => tensor.data.buffer));
    return new Transferred({ outputs: results, feeds }, [...buffers]);
  },

  async release(session: number): Promise<void> {
    await sessions[session].release();
  },
};

/** What the worker serves. */
export type EngineApi = typeof api;

serve(api);
