/** Jupyter's connection files: where a kernel listens, and the key that signs its messages. */

/** A kernel's five sockets. */
export const socketNames = ["shell", "iopub", "stdin", "control", "hb"] as const;

/** Name of a socket. */
export type SocketName = typeof socketNames[number];

/** The content of a connection file. */
export type Connection =
  & Readonly<Record<`${SocketName}_port`, number>>
  & { readonly ip: string; readonly key: string; readonly transport: string };

/**
 * Reads a connection file.
 *
 * @throws {TypeError} If it lacks a port, or the transport is not TCP.
 */
export async function readConnection(path: string): Promise<Connection> {
  const connection = JSON.parse(await Deno.readTextFile(path)) as Connection;
  if (connection.transport !== "tcp") {
    throw new TypeError(
      `Cannot use ${path}: its transport is ${connection.transport}, expected tcp`,
    );
  }
  for (const name of socketNames) {
    if (!Number.isInteger(connection[`${name}_port`])) {
      throw new TypeError(`Cannot use ${path}: it has no ${name}_port`);
    }
  }
  return connection;
}

/** The same connection on free ports of this machine. */
export function onFreePorts(connection: Connection): Connection {
  // All stay open until all are chosen, so that no port is chosen twice.
  const listeners = socketNames.map((name) => ({
    name,
    listener: Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  }));
  const ports = listeners.map(({ name, listener }) => [`${name}_port`, listener.addr.port]);
  for (const { listener } of listeners) listener.close();
  return { ...connection, ip: "127.0.0.1", ...Object.fromEntries(ports) };
}
