/**
 * JPEG of 8 bits, which DICOM and TIFF files may be packed with: libjpeg-turbo in WebAssembly, with
 * the same values as in other readers, kept by the makers of the Cornerstone viewer. The module finds
 * its `.wasm` beside itself.
 */

export { default } from "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/decodewasmjs";
