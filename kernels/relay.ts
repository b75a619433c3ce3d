/** Forwards TCP connections, byte by byte. */

import type { Connection } from "./connection.ts";
import { socketNames } from "./connection.ts";

/** Listens on the sockets of one connection and forwards everything to those of another. */
export function relay(from: Connection, to: Connection): void {
  for (const name of socketNames) {
    const listener = Deno.listen({ hostname: from.ip, port: from[`${name}_port`] });
    accept(listener, to.ip, to[`${name}_port`]);
  }
}

async function accept(listener: Deno.TcpListener, hostname: string, port: number) {
  for await (const client of listener) {
    pass(client, hostname, port).catch(() => {}); // When one side closes, so does the other.
  }
}

async function pass(client: Deno.TcpConn, hostname: string, port: number) {
  using near = client;
  using far = await Deno.connect({ hostname, port });
  // Messages of a few bytes must not be delayed: cells wait for them.
  near.setNoDelay();
  far.setNoDelay();
  await Promise.all([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
}
