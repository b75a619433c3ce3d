/**
 * Reads and writes the files of `torch.save`: zip archives with a pickle that refers to records
 * with the tensors' bytes.
 *
 * @see torch/serialization.py and torch/_utils.py of PyTorch 2.15
 */

import { type Shape, sizeOf, stridesOf } from "../array/nd_array.ts";
import { isShape, numpyGlobals } from "./numpy_pickle.ts";
import { type PickleGlobal, readPickle } from "./pickle_reader.ts";
import { Call, GlobalName, PersistentId, writePickle } from "./pickle_writer.ts";
import { isTensor, OrderedDict, type PythonValue, Tuple } from "./python_values.ts";
import { readStoredZip, writeStoredZip, type ZipRecord } from "./stored_zip.ts";
import {
  decodeElements,
  type Dtype,
  dtypeOf,
  elementBytes,
  gatherStrided,
  isContiguous,
  type StoredDtype,
  type Tensor,
  type TensorData,
} from "./tensor.ts";

/** PyTorch's storage classes by element type. */
const storageClasses: Readonly<Partial<Record<StoredDtype, string>>> = {
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  float32: "FloatStorage",
  float64: "DoubleStorage",
  int8: "CharStorage",
  int16: "ShortStorage",
  int32: "IntStorage",
  int64: "LongStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
};

/** Top folder of the archive, normally named after the file; PyTorch accepts any name. */
const TOP_FOLDER = "archive";

/**
 * Encodes plain data and tensors as a PyTorch file, which `torch.load` reads with
 * `weights_only=True`. Tensors with the same `data` object share one storage.
 *
 * @throws {TypeError} If a value has no counterpart in Python, or a tensor has unsigned integers
 * of more than 8 bits or a shape that does not match its data.
 * @throws {RangeError} If a tensor exceeds 4 GiB.
 *
 * @example Weights for Python
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const weight = { shape: [2], data: Float32Array.of(1, 2) };
 * const bytes = writePyTorchFile({ weight }); // The content of `weights.pth`.
 * assert.equal(new TextDecoder().decode(bytes.subarray(0, 2)), "PK"); // A zip archive.
 * ```
 */
export function writePyTorchFile(value: PythonValue): Uint8Array<ArrayBuffer> {
  const storages = new Map<TensorData, { key: string; dtype: Dtype }>();
  const pickle = writePickle(value, (value) => {
    if (!isTensor(value)) return value;
    const { data } = value;
    const dtype = dtypeOf(value);
    const storageClass = storageClasses[dtype];
    if (storageClass === undefined) {
      throw new TypeError(`Cannot write PyTorch file: tensors of ${dtype} are not supported`);
    }
    if (sizeOf(value.shape) !== data.length) {
      throw new TypeError(
        `Cannot write PyTorch file: a tensor of shape (${value.shape}) has ${data.length} elements`,
      );
    }
    const storage = storages.get(data) ?? { key: String(storages.size), dtype };
    if (storage.dtype !== dtype) {
      throw new TypeError(
        `Cannot write PyTorch file: tensors of ${storage.dtype} and ${dtype} share their data`,
      );
    }
    storages.set(data, storage);
    return tensorCall(storageClass, storage.key, data.length, value.shape);
  });
  const record = (name: string, content: Uint8Array | string): ZipRecord => ({
    name: `${TOP_FOLDER}/${name}`,
    content: typeof content === "string" ? new TextEncoder().encode(content) : content,
  });
  return writeStoredZip([
    record("data.pkl", pickle),
    record("byteorder", "little"),
    ...Array.from(
      storages,
      ([data, { key }]) =>
        record(`data/${key}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    ),
    record("version", "3\n"),
  ]);
}

/** Returns the call that rebuilds a tensor in C order that fills its storage. */
function tensorCall(storageClass: string, key: string, length: number, shape: Shape): Call {
  const storage = ["storage", new GlobalName("torch", storageClass), key, "cpu", length];
  const requiresGrad = false;
  const backwardHooks = new OrderedDict();
  return new Call(new GlobalName("torch._utils", "_rebuild_tensor_v2"), [
    new PersistentId(storage),
    0,
    Tuple.from(shape),
    Tuple.from(stridesOf(shape)),
    requiresGrad,
    backwardHooks,
  ]);
}

/**
 * Decodes the value in a PyTorch file without executing code in it.
 *
 * Tensors are in C order and are views of `bytes` where possible: they keep it alive, and changes
 * to one affect the other. Tensors of the same elements of a storage share their `data`. Besides
 * {@link PythonValue}'s types, NumPy scalars become numbers, a `torch.Size` a tuple, a
 * `torch.device` its name, and a `defaultdict` a `Map`. Attributes of an `OrderedDict`, such as the
 * `_metadata` of a state dict, are ignored.
 *
 * @throws {TypeError} If the file contains other classes or functions, or data other than
 * little-endian numbers.
 * @throws {SyntaxError} If the file is damaged, or from a version before PyTorch 1.6.
 * @throws {RangeError} If a tensor exceeds its storage, or expanded views need more memory than the
 * file.
 */
export function readPyTorchFile(bytes: Uint8Array<ArrayBuffer>): PythonValue {
  const records = readStoredZip(bytes);
  const pickleName = [...records.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    throw new SyntaxError("Cannot read PyTorch file: the archive has no record data.pkl");
  }
  const folder = pickleName.slice(0, -"data.pkl".length);
  const byteOrder = records.get(`${folder}byteorder`);
  if (byteOrder && new TextDecoder().decode(byteOrder) !== "little") {
    throw new TypeError("Cannot read PyTorch file: its tensors are not little-endian");
  }

  const globals = [
    ...collectionGlobals,
    ...numpyGlobals,
    ...torchGlobals,
    { name: "torch._utils._rebuild_tensor_v2", call: tensorRebuilder(bytes.length) },
  ];
  const loadPersistent = storageOpener((key) => records.get(`${folder}data/${key}`));
  return readPickle(records.get(pickleName)!, { globals, loadPersistent }) as PythonValue;
}

type Args = readonly unknown[];

const storageGlobals = new Map<unknown, StoredDtype>(
  Object.entries(storageClasses).map(([dtype, storageClass]) => [
    { name: `torch.${storageClass}` },
    dtype as StoredDtype,
  ]),
);

/** Globals of collections, which are created empty and then filled. */
const collectionGlobals: readonly PickleGlobal[] = [
  // Its state are Python attributes, which a map does not have.
  { name: "collections.OrderedDict", call: makeOrderedDict, setState: () => {} },
  { name: "collections.defaultdict", call: makeDefaultDict },
  // Types that a defaultdict may name as its default factory.
  ...["dict", "float", "int", "list"].map((name) => ({ name: `builtins.${name}` })),
];

function makeOrderedDict(args: Args): OrderedDict {
  if (args.length === 0) return new OrderedDict();
  throw new SyntaxError("Cannot read PyTorch file: an OrderedDict is not created empty");
}

/** Creates an empty dict; its only argument, the factory of missing values, has no use here. */
function makeDefaultDict(args: Args): Map<unknown, unknown> {
  if (args.length <= 1) return new Map();
  throw new SyntaxError("Cannot read PyTorch file: a defaultdict is not created empty");
}

const torchGlobals: readonly PickleGlobal[] = [
  ...storageGlobals.keys() as Iterable<PickleGlobal>,
  { name: "torch.Size", call: ([extents]) => extents },
  { name: "torch.device", call: nameDevice },
  { name: "torch._utils._rebuild_parameter", call: ([tensor]) => tensor },
];

/** Returns the name of a device, such as `cuda:0` for `torch.device("cuda", 0)`. */
function nameDevice([type, index, ...others]: Args): string {
  // A name of any length would let calls with each other's results double it again and again.
  const known = typeof type === "string" && /^[a-z]{1,20}(:\d{1,4})?$/.test(type) &&
    (index === undefined || Number.isSafeInteger(index)) && others.length === 0;
  if (!known) throw new SyntaxError("Cannot read PyTorch file: a device lacks its name");
  return index === undefined ? type : `${type}:${index}`;
}

/** Elements of which tensors are views. */
interface Storage {
  readonly data: TensorData;
  readonly dtype: Dtype;
  /** Existing views, so that tensors of the same elements share their `data`. */
  readonly views: Map<string, TensorData>;
}

/**
 * Returns a function that opens a file's storages, each once, by their ids
 * `("storage", class, key, device, number of elements)`.
 */
function storageOpener(recordOf: (key: string) => Uint8Array<ArrayBuffer> | undefined) {
  const opened = new Map<string, Storage>();
  return (id: unknown): Storage => {
    const [kind, storageClass, key, , length] = Array.isArray(id) ? id : [];
    const stored = storageGlobals.get(storageClass);
    if (
      kind !== "storage" || stored === undefined || typeof key !== "string" ||
      typeof length !== "number"
    ) {
      throw new SyntaxError(
        "Cannot read PyTorch file: it refers to something other than a storage",
      );
    }
    const name = `${stored} ${key}`;
    const known = opened.get(name);
    if (known) return known;
    const bytes = recordOf(key);
    if (bytes?.length !== length * elementBytes(stored)) {
      throw new SyntaxError(
        `Cannot read PyTorch file: storage ${key} has ${bytes?.length ?? "no"} bytes, ` +
          `expected ${length} elements of ${stored}`,
      );
    }
    const storage = { ...decodeElements(bytes, stored), views: new Map() };
    opened.set(name, storage);
    return storage;
  };
}

/**
 * Returns a function that rebuilds tensors from the arguments
 * `(storage, offset, shape, strides, ...)`, in elements.
 *
 * @param copyLimit Total number of elements in copies of strided views. Zero strides expand a
 * storage to any size, so that a few bytes could otherwise exhaust the memory.
 */
function tensorRebuilder(copyLimit: number) {
  let mayCopy = copyLimit;
  return ([storage, offset, shape, strides]: Args): Tensor => {
    if (!isStorage(storage) || !isShape([offset]) || !isShape(shape) || !isShape(strides)) {
      throw new SyntaxError("Cannot read PyTorch file: a tensor lacks its storage or shape");
    }
    const start = Number(offset);
    const size = sizeOf(shape);
    const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis], start);
    // The negation also rejects NaN, which results from more extents than strides.
    if (size > 0 && !(last < storage.data.length)) {
      throw new RangeError(
        `Cannot read PyTorch file: a tensor of shape (${shape}) and strides (${strides}) from ` +
          `element ${start} exceeds its storage of ${storage.data.length} elements`,
      );
    }
    const asStored = isContiguous(shape, strides);
    const name = asStored ? `${start} ${size}` : `${start} ${shape} ${strides}`;
    let data = storage.views.get(name);
    if (data === undefined) {
      if (asStored) {
        data = storage.data.subarray(start, start + size);
      } else {
        mayCopy -= size;
        if (!(mayCopy >= 0)) {
          throw new RangeError(
            `Cannot read PyTorch file: a tensor of shape (${shape}) and strides (${strides}) ` +
              `takes more memory than the whole file`,
          );
        }
        data = gatherStrided(storage.data.subarray(start), shape, strides);
      }
      storage.views.set(name, data);
    }
    return { shape: [...shape], data, dtype: storage.dtype };
  };
}

function isStorage(value: unknown): value is Storage {
  return typeof value === "object" && value !== null && "views" in value;
}
