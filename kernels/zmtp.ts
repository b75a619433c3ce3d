/**
 * Connections that speak ZeroMQ's protocol over TCP, ZMTP 3.0 without security: what a kernel's
 * sockets need.
 *
 * No library serves: `zeromq` 6.8 does not wake in Deno 2.9 when a message arrives, since it waits by
 * `uv_poll`, and `jszmq` 0.1 speaks WebSocket only.
 *
 * @see https://rfc.zeromq.org/spec/23/
 */

/** A message: its frames. */
export type Frames = readonly Uint8Array<ArrayBuffer>[];

/** What a socket is for. */
export type SocketType = "DEALER" | "ROUTER" | "PUB" | "SUB";

/** Bytes of the largest frame; a peer that announces a larger one is disconnected. */
const MAX_FRAME = 2 ** 30;

/** Bytes that may wait for a peer; one that is slower is disconnected. */
const MAX_WAITING = 2 ** 28;

const bits = { more: 1, long: 2, command: 4 } as const;
const encoder = new TextEncoder();

/** A connection to one peer. */
export class Peer {
  /** The name by which the peer wants to be addressed; empty if it gave none. */
  readonly identity: Uint8Array<ArrayBuffer>;
  readonly #connection: Deno.TcpConn;
  readonly #input: ByteReader;
  #sent: Promise<void> = Promise.resolve();
  #waiting = 0;

  private constructor(
    connection: Deno.TcpConn,
    input: ByteReader,
    identity: Uint8Array<ArrayBuffer>,
  ) {
    this.#connection = connection;
    this.#input = input;
    this.identity = identity;
  }

  /**
   * Greets the peer at the other end of a connection, whichever side made it.
   *
   * @param identity The name by which the peer is to address this side.
   * @throws {ProtocolError} If it does not speak the protocol; the connection is then closed.
   */
  static async greet(
    connection: Deno.TcpConn,
    type: SocketType,
    identity = "",
  ): Promise<Peer> {
    try {
      connection.setNoDelay(); // Messages of a few bytes must not be delayed: cells wait for them.
      const input = new ByteReader(connection);
      await writeAll(connection, greeting());
      const theirs = await input.take(64);
      if (theirs?.[0] !== 0xff || theirs[10] < 3) {
        throw new ProtocolError("its greeting is not ZMTP 3");
      }
      const ready = [...property("Socket-Type", type), ...property("Identity", identity)];
      const body = Uint8Array.from([5, ...encoder.encode("READY"), ...ready]);
      await writeAll(connection, frameHead(bits.command, body.length));
      await writeAll(connection, body);
      const answer = await readFrame(input);
      if (!answer || !(answer.flags & bits.command)) throw new ProtocolError("it is not ready");
      return new Peer(connection, input, propertyOf(answer.body, "Identity"));
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Sends a message after those before; a peer that has left is not an error. */
  send(frames: Frames): Promise<void> {
    const size = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (this.#waiting > MAX_WAITING) {
      this.close();
      return Promise.resolve();
    }
    this.#waiting += size;
    this.#sent = this.#sent.then(() => this.#write(frames)).catch(() => {}).finally(() => {
      this.#waiting -= size;
    });
    return this.#sent;
  }

  /** The messages that arrive, until the peer leaves. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frames, void> {
    let frames: Uint8Array<ArrayBuffer>[] = [];
    while (true) {
      const frame = await readFrame(this.#input).catch(() => undefined);
      if (!frame) return;
      if (frame.flags & bits.command) continue;
      frames.push(frame.body);
      if (frame.flags & bits.more) continue;
      yield frames;
      frames = [];
    }
  }

  /** Closes the connection. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }

  async #write(frames: Frames): Promise<void> {
    for (const [i, frame] of frames.entries()) {
      const more = i < frames.length - 1 ? bits.more : 0;
      await writeAll(this.#connection, frameHead(more, frame.length));
      await writeAll(this.#connection, frame);
    }
  }
}

/** Thrown if a peer does not speak the protocol. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";

  constructor(reason: string) {
    super(`Cannot talk to a ZeroMQ socket: ${reason}`);
  }
}

function greeting(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

function property(name: string, value: string): number[] {
  return [
    ...[name.length, ...encoder.encode(name)],
    ...[0, 0, 0, value.length, ...encoder.encode(value)],
  ];
}

/** The value of a property in the body of a READY command; empty if there is none. */
function propertyOf(body: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 1 + body[0]; at < body.length;) {
    const nameEnd = at + 1 + body[at];
    const value = nameEnd + 4;
    if (value > body.length) break;
    const end = value + view.getUint32(nameEnd);
    const found = new TextDecoder().decode(body.subarray(at + 1, nameEnd));
    if (found.toLowerCase() === name.toLowerCase()) return body.slice(value, end);
    at = end;
  }
  return new Uint8Array();
}

function frameHead(flags: number, length: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(9);
  head[0] = flags | bits.long;
  new DataView(head.buffer).setBigUint64(1, BigInt(length));
  return head;
}

interface Frame {
  readonly flags: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

async function readFrame(input: ByteReader): Promise<Frame | undefined> {
  const flags = (await input.take(1))?.[0];
  if (flags === undefined) return undefined;
  const size = await input.take(flags & bits.long ? 8 : 1);
  if (!size) return undefined;
  const length = size.reduce((sum, byte) => sum * 256 + byte, 0);
  if (length > MAX_FRAME) throw new ProtocolError(`it announces a frame of ${length} bytes`);
  const body = await input.take(length);
  return body && { flags, body };
}

/** Reads exact numbers of bytes. */
class ByteReader {
  readonly #source: Deno.TcpConn;
  readonly #chunk = new Uint8Array(65_536);
  #rest = this.#chunk.subarray(0, 0);

  constructor(source: Deno.TcpConn) {
    this.#source = source;
  }

  /** The next bytes; undefined if the connection ends before. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      if (this.#rest.length === 0) {
        const large = count - filled >= this.#chunk.length;
        const got = await this.#source.read(large ? taken.subarray(filled) : this.#chunk);
        if (got === null) return undefined;
        if (large) filled += got;
        else this.#rest = this.#chunk.subarray(0, got);
        continue;
      }
      const part = this.#rest.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}
