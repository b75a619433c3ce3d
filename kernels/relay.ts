/** Passes TCP connections on, byte by byte. */

import type { Connection } from "./connection.ts";
import { socketNames } from "./connection.ts";

/** Opens the sockets of one connection and passes all that comes to those of another. */
export function relay(from: Connection, to: Connection): void {
  for (const name of socketNames) {
    const listener = Deno.listen({ hostname: from.ip, port: from[`${name}_port`] });
    accept(listener, to.ip, to[`${name}_port`]);
  }
}

async function accept(listener: Deno.TcpListener, hostname: string, port: number) {
  for await (const client of listener) {
    pass(client, hostname, port).catch(() => {}); // One side hung up: so does the other.
  }
}

async function pass(client: Deno.TcpConn, hostname: string, port: number) {
  using near = client;
  using far = await Deno.connect({ hostname, port });
  // Cells wait for messages of a few bytes.
  near.setNoDelay();
  far.setNoDelay();
  await Promise.all([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
}
