/**
 * JPEG 2000, which DICOM files may be packed with: OpenJPEG in WebAssembly, the reference in C, kept
 * by the makers of the Cornerstone viewer. The module finds its `.wasm` beside itself.
 */

export { default } from "npm:@cornerstonejs/codec-openjpeg@1.3.6/decodewasmjs";
