/** Sends tensors from one thread to another through a port. */

import type { HostTensor } from "./session.ts";
import { packError, type ThrownError, unpackError } from "./thrown_error.ts";

type Tensors = Readonly<Record<string, HostTensor>>;
type Message = { readonly tensors: Tensors } | { readonly thrown: ThrownError };

/**
 * Sends tensors; their buffers are transferred. If they cannot be determined, the receiver fails with
 * the same error.
 */
export async function sendTensors(port: MessagePort, read: () => Promise<Tensors>): Promise<void> {
  try {
    const tensors = await read();
    const buffers = Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer);
    port.postMessage({ tensors } satisfies Message, buffers);
  } catch (error) {
    port.postMessage({ thrown: packError(error) } satisfies Message);
    throw error;
  }
}

/** Waits for tensors and closes the port. @throws {Error} If the sender cannot determine them. */
export async function receiveTensors(port: MessagePort): Promise<Tensors> {
  try {
    const message = await new Promise<Message>((resolve, reject) => {
      port.onmessage = ({ data }) => resolve(data);
      port.onmessageerror = () => reject(new Error("Cannot receive tensors: they were damaged"));
    });
    if ("thrown" in message) throw unpackError(message.thrown);
    return message.tensors;
  } finally {
    port.close();
  }
}
