/** The decoder of JPEG of 8 bits, which gets its WebAssembly from the page. */

import start from "../../packages/libjpeg_turbo.ts";
import { type Decoder, startWith } from "./start_decoder.ts";

/** Starts the decoder. */
export default (options: object): Promise<unknown> =>
  startWith(start as unknown as Decoder, "libjpeg_turbo.wasm", options);
