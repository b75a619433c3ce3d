/** The decoder of JPEG 2000, which gets its WebAssembly from the page. */

import start from "../../packages/openjpeg.ts";
import { type Decoder, startWith } from "./start_decoder.ts";

/** Starts the decoder. */
export default (options: object): Promise<unknown> =>
  startWith(start as unknown as Decoder, "openjpeg.wasm", options);
