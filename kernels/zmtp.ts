/**
 * A ZeroMQ DEALER socket over TCP, with just what one request to a kernel needs: ZMTP 3.0 without
 * security.
 *
 * @see https://rfc.zeromq.org/spec/23/
 */

const bits = { more: 1, long: 2, command: 4 } as const;
const encoder = new TextEncoder();

/** A connection that exchanges multi-frame messages. */
export class Dealer implements Disposable {
  readonly #socket: Deno.TcpConn;
  #buffer = new Uint8Array(0);

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** @throws {Error} If nothing listens there, or the peer does not speak ZMTP. */
  static async connect(hostname: string, port: number): Promise<Dealer> {
    const dealer = new Dealer(await Deno.connect({ hostname, port }));
    try {
      await dealer.#greet();
      return dealer;
    } catch (error) {
      dealer[Symbol.dispose]();
      throw error;
    }
  }

  async send(frames: readonly Uint8Array[]): Promise<void> {
    for (const [i, frame] of frames.entries()) {
      await this.#write(i < frames.length - 1 ? bits.more : 0, frame);
    }
  }

  async receive(): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = [];
    while (true) {
      const { flags, body } = await this.#read();
      if (flags & bits.command) continue;
      frames.push(body);
      if (!(flags & bits.more)) return frames;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #greet(): Promise<void> {
    const greeting = new Uint8Array(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
    greeting.set(encoder.encode("NULL"), 12);
    await this.#writeAll(greeting);
    const theirs = await this.#take(64);
    if (theirs[0] !== 0xff || theirs[10] < 3) {
      throw new Error("Cannot connect to the kernel: its greeting is not ZMTP 3");
    }
    const property = (name: string, value: string) => [
      ...[name.length, ...encoder.encode(name)],
      ...[0, 0, 0, value.length, ...encoder.encode(value)],
    ];
    await this.#write(
      bits.command,
      Uint8Array.from([
        ...[5, ...encoder.encode("READY")],
        ...property("Socket-Type", "DEALER"),
        ...property("Identity", ""),
      ]),
    );
    await this.#read(); // Their READY.
  }

  async #write(flags: number, body: Uint8Array): Promise<void> {
    const head = new Uint8Array(9);
    head[0] = flags | bits.long;
    new DataView(head.buffer).setBigUint64(1, BigInt(body.length));
    await this.#writeAll(head);
    await this.#writeAll(body);
  }

  async #read(): Promise<{ flags: number; body: Uint8Array }> {
    const [flags] = await this.#take(1);
    const size = await this.#take(flags & bits.long ? 8 : 1);
    const length = size.reduce((sum, byte) => sum * 256 + byte, 0);
    return { flags, body: await this.#take(length) };
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#socket.write(bytes.subarray(done));
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    const chunk = new Uint8Array(4096);
    while (this.#buffer.length < count) {
      const got = await this.#socket.read(chunk);
      if (got === null) throw new Error("Cannot connect to the kernel: it closed the connection");
      const joined = new Uint8Array(this.#buffer.length + got);
      joined.set(this.#buffer);
      joined.set(chunk.subarray(0, got), this.#buffer.length);
      this.#buffer = joined;
    }
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }
}
