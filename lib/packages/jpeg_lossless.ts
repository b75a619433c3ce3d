/** Lossless JPEG, which DICOM files may be packed with: all predictors, 8 to 16 bits, no dependencies. */

export { Decoder } from "npm:jpeg-lossless-decoder-js@2.1.2";
