/**
 * JPEG-LS, which DICOM files may be packed with: CharLS in WebAssembly, the reference in C++, kept by
 * the makers of the Cornerstone viewer. The module finds its `.wasm` beside itself.
 */

export { default } from "npm:@cornerstonejs/codec-charls@1.2.7/decodewasmjs";
