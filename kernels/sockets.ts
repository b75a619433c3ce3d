/** ZeroMQ's sockets that a kernel has, and those that talk to them. */

import type { Connection, SocketName } from "./connection.ts";
import { type Frames, Peer, type SocketType } from "./zmtp.ts";

/** Milliseconds between attempts to connect to a kernel that is starting. */
const RETRY_INTERVAL = 5;

/**
 * Connects to a socket of a kernel, waiting for the kernel to start.
 *
 * @param identity The name by which the kernel is to address this side.
 * @throws The signal's reason.
 */
export async function connect(
  connection: Connection,
  name: SocketName,
  type: SocketType,
  { identity, signal }: { readonly identity?: string; readonly signal?: AbortSignal } = {},
): Promise<Peer> {
  const address = { hostname: connection.ip, port: connection[`${name}_port`] };
  while (true) {
    signal?.throwIfAborted();
    try {
      const peer = await Peer.greet(await Deno.connect(address), type, identity);
      if (type === "SUB") await peer.send([Uint8Array.of(1)]); // To all topics.
      return peer;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL));
    }
  }
}

/** Listens on a kernel's port and calls a function for each peer that connects. */
function listen(
  connection: Connection,
  name: SocketName,
  type: SocketType,
  serve: (peer: Peer) => Promise<void>,
): void {
  const listener = Deno.listen({ hostname: connection.ip, port: connection[`${name}_port`] });
  (async () => {
    for await (const client of listener) {
      // A peer that leaves or speaks another protocol concerns no other.
      Peer.greet(client, type).then(serve).catch(() => {});
    }
  })();
}

/** Receives from many peers, and answers each: ZeroMQ's ROUTER. */
export class Router {
  readonly #peers = new Map<string, Peer>();

  /** @param take Called with each message; its first frame is the peer's identity. */
  constructor(
    connection: Connection,
    name: SocketName,
    take: (frames: Frames) => Promise<void> | void,
  ) {
    listen(connection, name, "ROUTER", async (peer) => {
      const identity = peer.identity.length > 0
        ? peer.identity
        : crypto.getRandomValues(new Uint8Array(5));
      const id = identity.toHex();
      this.#peers.set(id, peer);
      try {
        for await (const frames of peer) await take([identity, ...frames]);
      } finally {
        if (this.#peers.get(id) === peer) this.#peers.delete(id);
        peer.close();
      }
    });
  }

  /** Sends to the peer that the first frame names; one that has left is not an error. */
  async send([identity, ...frames]: Frames): Promise<void> {
    await this.#peers.get(identity.toHex())?.send(frames);
  }
}

/** Sends to all peers: ZeroMQ's PUB. Peers get all topics, whichever they asked for. */
export class Publisher {
  readonly #peers = new Set<Peer>();

  constructor(connection: Connection, name: SocketName) {
    listen(connection, name, "PUB", async (peer) => {
      this.#peers.add(peer);
      try {
        for await (const _ of peer); // Subscriptions.
      } finally {
        this.#peers.delete(peer);
        peer.close();
      }
    });
  }

  /** Sends to all; does not wait for slow ones. */
  send(frames: Frames): void {
    for (const peer of this.#peers) peer.send(frames);
  }
}
