/**
 * Messages of Jupyter's protocol.
 *
 * On the wire a message is a list of frames: identities of the sockets it came through or, on iopub,
 * a topic; a delimiter; a signature; header, parent header, metadata and content as JSON; and
 * buffers.
 *
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html
 */

import { createHmac, timingSafeEqual } from "node:crypto";

const delimiter = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Who sent a message, and what it is. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** The parts that {@link Message.create} needs. */
export interface MessageParts {
  readonly header: Header;
  readonly parent?: Header;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Returns the header of a message. */
export function headerOf(type: string, session: string): Header {
  return {
    msg_id: crypto.randomUUID(),
    msg_type: type,
    session,
    username: "kernel",
    date: new Date().toISOString(),
    version: "5.3",
  };
}

/** A message. Its content is parsed when it is asked for: outputs may have megabytes. */
export class Message {
  readonly header: Header;
  /** The request that it answers or that it is an output of, if any. */
  readonly parent: Partial<Header>;
  readonly identities: readonly Uint8Array<ArrayBuffer>[];
  /** Header, parent header, metadata and content as they are sent; then the buffers. */
  readonly #parts: readonly Uint8Array<ArrayBuffer>[];
  #content: Record<string, unknown> | undefined;

  private constructor(
    identities: readonly Uint8Array<ArrayBuffer>[],
    parts: readonly Uint8Array<ArrayBuffer>[],
  ) {
    this.identities = identities;
    this.#parts = parts;
    this.header = parse(parts[0]) as unknown as Header;
    this.parent = parse(parts[1]);
  }

  /**
   * Reads a message.
   *
   * @param key The key that signs messages; "" if none are signed.
   * @throws {InvalidMessage} If a part is missing or the signature is wrong.
   */
  static read(frames: readonly Uint8Array<ArrayBuffer>[], key: string): Message {
    const mark = frames.findIndex((frame) => decoder.decode(frame) === delimiter);
    const parts = frames.slice(mark + 2);
    if (mark < 0 || parts.length < 4) throw new InvalidMessage("parts are missing");
    const expected = encoder.encode(signature(key, parts));
    const found = frames[mark + 1];
    if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
      throw new InvalidMessage("its signature is wrong");
    }
    try {
      return new Message(frames.slice(0, mark), parts);
    } catch (error) {
      throw new InvalidMessage("it is not JSON", { cause: error });
    }
  }

  /** Makes a message. */
  static create({ header, parent, content }: MessageParts): Message {
    const parts = [header, parent ?? {}, {}, content];
    return new Message([], parts.map((part) => encoder.encode(JSON.stringify(part))));
  }

  /** What the message says. */
  get content(): Readonly<Record<string, unknown>> {
    return this.#content ??= parse(this.#parts[3]);
  }

  /** The same message with some parts replaced. */
  with({ identities = this.identities, parent, content }: {
    readonly identities?: Message["identities"];
    readonly parent?: Header;
    readonly content?: Readonly<Record<string, unknown>>;
  }): Message {
    const parts = [...this.#parts];
    if (parent) parts[1] = encoder.encode(JSON.stringify(parent));
    if (content) parts[3] = encoder.encode(JSON.stringify(content));
    return new Message(identities, parts);
  }

  /** The frames to send. */
  frames(key: string): Uint8Array<ArrayBuffer>[] {
    return [
      ...this.identities,
      encoder.encode(delimiter),
      encoder.encode(signature(key, this.#parts)),
      ...this.#parts,
    ];
  }
}

/** Thrown if frames are no message, or not one of the holder of the key. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";

  constructor(reason: string, options?: ErrorOptions) {
    super(`Cannot read a message: ${reason}`, options);
  }
}

function parse(part: Uint8Array): Record<string, unknown> {
  return JSON.parse(decoder.decode(part));
}

/** HMAC-SHA256 of the four JSON parts, in hexadecimal digits. */
function signature(key: string, parts: readonly Uint8Array<ArrayBuffer>[]): string {
  if (key === "") return ""; // With an empty key, Jupyter does not sign messages.
  const hmac = createHmac("sha256", key);
  for (const part of parts.slice(0, 4)) hmac.update(part);
  return hmac.digest("hex");
}
