/** The WebAssembly of the picture decoders, as files for `packageFile()`; see the decoders' modules. */

/** Paths by the names that pages give them. */
export const decoderWasm = {
  "charls.wasm": "@cornerstonejs/codec-charls/decodewasm",
  "libjpeg_turbo.wasm": "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm",
  "openjpeg.wasm": "@cornerstonejs/codec-openjpeg/decodewasm",
} as const;
