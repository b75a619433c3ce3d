/**
 * Passes messages between Jupyter's clients and Deno's kernel. {@link ShellQueue} decides when requests
 * go on; all else is forwarded as it comes.
 */

import type { Connection, SocketName } from "./connection.ts";
import { InvalidMessage, Message } from "./message.ts";
import { type Explain, ShellQueue } from "./shell_queue.ts";
import { connect, Publisher, Router } from "./sockets.ts";
import type { Frames, Peer } from "./zmtp.ts";

/** How a relay begins. */
export interface RelayOptions {
  /** Code to run in the kernel first. */
  readonly code: string;
  /** What is added to the errors of cells. */
  readonly explain: Explain;
  /** Ends the wait for the kernel. */
  readonly signal: AbortSignal;
}

/** A kernel, and the clients once they may connect. */
export class Relay {
  readonly #kernel: Connection;
  readonly #input: Peer;
  readonly #queue: ShellQueue;
  #clients: { readonly shell: Router; readonly outputs: Publisher } | undefined;

  private constructor(
    kernel: Connection,
    [shell, input, published]: readonly Peer[],
    explain: Explain,
  ) {
    this.#kernel = kernel;
    this.#input = input;
    const { key } = kernel;
    this.#queue = new ShellQueue({
      toKernel: (message) => shell.send(message.frames(key)),
      toClient: async (message) => await this.#clients?.shell.send(message.frames(key)),
      publish: (message) => this.#clients?.outputs.send(message.frames(key)),
    }, explain);
    forEachMessage(shell, key, (message) => this.#queue.replied(message));
    forEachMessage(published, key, (message) => this.#queue.published(message));
  }

  /**
   * Waits for a kernel and runs code in it.
   *
   * @param kernel Where it will listen.
   * @throws {Error} If the code fails.
   * @throws The signal's reason.
   */
  static async begin(
    kernel: Connection,
    { code, explain, signal }: RelayOptions,
  ): Promise<Relay> {
    // The kernel asks for input by the identity of the socket from which a request came.
    const identity = crypto.randomUUID();
    const peers = [
      await connect(kernel, "shell", "DEALER", { identity, signal }),
      await connect(kernel, "stdin", "DEALER", { identity, signal }),
      await connect(kernel, "iopub", "SUB", { signal }),
    ];
    const relay = new Relay(kernel, peers, explain);
    await Promise.race([relay.#queue.begin(code), rejection(signal)]);
    return relay;
  }

  /** Ends the cells that wait. */
  interrupt(): void {
    this.#queue.interrupt();
  }

  /** Lets clients connect. */
  listen(connection: Connection): void {
    const { key } = connection;
    const input = new Router(
      connection,
      "stdin",
      ([_client, ...frames]) => this.#input.send(frames),
    );
    forEachMessage(this.#input, key, (question) => {
      const addressed = this.#queue.addressed(question);
      return addressed && input.send(addressed.frames(key));
    });
    forwardBytes(connection, this.#kernel, "control");
    forwardBytes(connection, this.#kernel, "hb");
    const outputs = new Publisher(connection, "iopub");
    const shell = new Router(connection, "shell", (frames) => {
      const request = readSigned(frames, key);
      if (request) this.#queue.add(request); // Not waited for: more requests may come.
    });
    this.#clients = { shell, outputs };
  }
}

/** Calls a function for each message of the holder of a key. */
async function forEachMessage(
  peer: Peer,
  key: string,
  take: (message: Message) => Promise<void> | void,
): Promise<void> {
  for await (const frames of peer) {
    const message = readSigned(frames, key);
    if (message) await take(message);
  }
}

/** Reads a message; one that is not signed is reported and ignored. */
function readSigned(frames: Frames, key: string): Message | undefined {
  try {
    return Message.read(frames, key);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    console.error(error.message);
  }
}

/** Forwards the connections to a socket without looking at what they say. */
async function forwardBytes(from: Connection, to: Connection, name: SocketName): Promise<void> {
  const port = `${name}_port` as const;
  for await (const client of Deno.listen({ hostname: from.ip, port: from[port] })) {
    // When one side closes, so does the other.
    passBytes(client, to.ip, to[port]).catch(() => {});
  }
}

async function passBytes(client: Deno.TcpConn, hostname: string, port: number): Promise<void> {
  using near = client;
  using far = await Deno.connect({ hostname, port });
  near.setNoDelay();
  far.setNoDelay();
  await Promise.all([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}
