/** NIfTI's constants. Geometry, scaling and voxels are ours: this package resolves them otherwise. */

export { isNIFTI1, isNIFTI2, NIFTI1, NIFTI2 } from "npm:nifti-reader-js@0.8.0";
