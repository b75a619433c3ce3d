/** Runs the decoders of packed pictures, which are loaded when the first such picture is read. */

import { reasonOf } from "../../options/reason_of.ts";
import { decodeTwelveBits } from "./jpeg_twelve_bits.ts";
import type { PackedHeader } from "./packed_header.ts";
import type { Packing } from "./transfer_syntax.ts";

/** A decoded picture. */
export interface DecodedPicture {
  readonly rows: number;
  readonly columns: number;
  /** Values, (y, x) in C order, signed or not as the code stream says. */
  readonly values: Uint8Array | Int8Array | Uint16Array | Int16Array;
}

/** A decoder cannot be loaded, for instance in a bundle that lacks its WebAssembly. */
export class DecoderLoadError extends Error {
  override readonly name = "DecoderLoadError";

  constructor(packing: Packing, cause: unknown) {
    super(`the decoder of ${packing} cannot be loaded: ${reasonOf(cause)}`, { cause });
  }
}

/** A decoder of a module that Emscripten made. */
interface WasmDecoder {
  getEncodedBuffer(bytes: number): Uint8Array;
  decode(): void;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned?: boolean;
  };
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

interface WasmModule {
  readonly JpegLSDecoder: new () => WasmDecoder;
  readonly J2KDecoder: new () => WasmDecoder;
  readonly JPEGDecoder: new () => WasmDecoder;
  getExceptionMessage?(pointer: number): string;
}

type StartModule = (options: Readonly<Record<string, unknown>>) => Promise<WasmModule>;

/** Modules in WebAssembly: how to load one, and its decoder. */
const loaders = {
  "JPEG-LS": [() => import("../../packages/charls.ts"), "JpegLSDecoder"],
  "JPEG 2000": [() => import("../../packages/openjpeg.ts"), "J2KDecoder"],
  "JPEG": [() => import("../../packages/libjpeg_turbo.ts"), "JPEGDecoder"],
} as const;

const started = new Map<keyof typeof loaders, Promise<WasmModule>>();

/**
 * Decodes a picture.
 *
 * @throws {Error} If it is damaged, or a decoder cannot be loaded.
 */
export async function decodePicture(
  bytes: Uint8Array,
  packing: Exclude<Packing, "RLE">,
  header: PackedHeader,
): Promise<DecodedPicture> {
  const { rows, columns, bits } = header;
  if (packing === "lossless JPEG") return { rows, columns, values: await decodeLossless(bytes) };
  if (packing === "JPEG" && bits > 8) return { rows, columns, values: decodeTwelveBits(bytes) };
  return await decodeInWasm(bytes.subarray(header.start), packing);
}

/** Predictors of lossless JPEG in plain TypeScript. */
async function decodeLossless(bytes: Uint8Array): Promise<Uint8Array | Uint16Array> {
  const { Decoder } = await import("../../packages/jpeg_lossless.ts");
  const decoder = new Decoder();
  const copy = bytes.slice(); // The decoder takes a whole buffer.
  return decoder.decode(copy.buffer, 0, copy.length);
}

async function decodeInWasm(
  bytes: Uint8Array,
  packing: keyof typeof loaders,
): Promise<DecodedPicture> {
  const module = await startedModule(packing);
  const [, name] = loaders[packing];
  const decoder = new module[name]();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { width, height, bitsPerSample, isSigned = false } = decoder.getFrameInfo();
    const { buffer } = decoder.getDecodedBuffer().slice(); // The module's memory is reused.
    return {
      rows: height,
      columns: width,
      values: bitsPerSample > 8
        ? isSigned ? new Int16Array(buffer) : new Uint16Array(buffer)
        : isSigned
        ? new Int8Array(buffer)
        : new Uint8Array(buffer),
    };
  } catch (thrown) {
    started.delete(packing); // Its memory may be spoilt.
    // Exceptions of C++ are thrown as addresses.
    const reason = typeof thrown === "number"
      ? module.getExceptionMessage?.(thrown) ?? "the decoder failed"
      : reasonOf(thrown);
    throw new Error(String(reason), { cause: thrown });
  } finally {
    if (started.has(packing)) decoder.delete();
  }
}

function startedModule(packing: keyof typeof loaders): Promise<WasmModule> {
  const running = started.get(packing);
  if (running) return running;
  const starting = (async () => {
    const { default: start } = await loaders[packing][0]() as unknown as { default: StartModule };
    const silent = () => {}; // Decoders print warnings; faults are thrown.
    return await start({ print: silent, printErr: silent });
  })();
  const loading = starting.catch((cause) => {
    started.delete(packing);
    throw new DecoderLoadError(packing, cause);
  });
  started.set(packing, loading);
  return loading;
}
