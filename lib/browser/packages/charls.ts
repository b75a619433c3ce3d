/** The decoder of JPEG-LS, which gets its WebAssembly from the page. */

import start from "../../packages/charls.ts";
import { type Decoder, startWith } from "./start_decoder.ts";

/** Starts the decoder. */
export default (options: object): Promise<unknown> =>
  startWith(start as unknown as Decoder, "charls.wasm", options);
