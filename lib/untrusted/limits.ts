/**
 * Limits of what files made by others may ask for.
 *
 * A few bytes can ask for any amount of memory or time: lists in a pickle that contain each other, a
 * header that declares a huge array, plans for a network that no machine holds. Each limit is far
 * above what nnU-Net writes and far below what harms, and is checked before anything is allocated.
 *
 * Sizes that a file states about its own content need no limit: they are compared with the bytes
 * that are there.
 */

/**
 * Levels of nested lists and dictionaries in pickles and JSON. nnU-Net's files have at most 8; code
 * that walks through values by recursion is safe below a few thousand.
 */
export const MAX_DEPTH = 100;

/**
 * Values and characters of a pickle, written out in full, per byte of it. Objects that a pickle
 * shares are written out once per reference, so that lists of lists grow exponentially. Files of
 * nnU-Net stay below 10: only short texts, such as keys, are shared.
 */
export const MAX_EXPANSION = 100;

/** Values and characters that any pickle may have when written out, whatever its size. */
export const MIN_EXPANDED = 1 << 16;

/** The same for the largest pickles: a data set of a million cases needs less. */
export const MAX_EXPANDED = 1 << 28;

/**
 * Bytes that the arrays and texts made from a pickle may take, per byte of the file. Converting half
 * precision doubles an array, reordering and realigning copy it; all of these apply once.
 */
export const MAX_COPIES = 8;

/** Axes of an array in a pickle; PyTorch and NumPy allow 64. */
export const MAX_AXES = 64;

/**
 * Bytes of a JSON file. A `summary.json` of a thousand cases and a hundred classes has 60 MB; parsing
 * takes up to ten times as much memory as the text.
 */
export const MAX_JSON_BYTES = 1 << 28;

/** Stages of a network: 2 to the power of as many voxels would be needed along an axis. */
export const MAX_STAGES = 32;

/** Convolutions or residual blocks of a stage; nnU-Net plans at most 6. */
export const MAX_CONVOLUTIONS = 256;

/** Voxels of a kernel along an axis; nnU-Net plans 3. */
export const MAX_KERNEL = 63;

/** Weights of a network. A checkpoint with as many, in float32, has the largest size of a `.pth`. */
export const MAX_WEIGHTS = 2 ** 30;

/**
 * Elements of the widest feature map of a training step, over batch, channels and voxels. nnU-Net
 * plans below 2^28 for a GPU of 80 GB; a tensor of more than 2^34 takes 64 GiB.
 */
export const MAX_FEATURE_MAP = 2 ** 34;

/** Files that store the voxels of one image, a slice each; NIfTI allows 32767 slices. */
export const MAX_DATA_FILES = 1 << 16;

/** Channels of an image; hyperspectral pictures have hundreds. */
export const MAX_CHANNELS = 4096;

/**
 * Unpacked bytes of an archive of models per packed byte: weights hardly compress, but zip bombs do.
 */
export const MAX_ZIP_RATIO = 100;

/**
 * Pixels of a packed picture of a DICOM file. A few bytes can stand for a plane of one value, so that
 * the file's size is no bound; mammograms have half as many.
 */
export const MAX_PACKED_PIXELS = 2 ** 26;
