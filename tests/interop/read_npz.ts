import { type NdArray, sizeOf } from "../../lib/array/nd_array.ts";
import { NpzFile } from "../../lib/interop/npz.ts";

/** Reads a complete array of an `.npz` file. */
export async function readNpz(
  path: string,
  name: string,
): Promise<NdArray<Float32Array<ArrayBuffer>>> {
  using file = await NpzFile.open(path);
  const reader = await file.array(name);
  const data = new Float32Array(sizeOf(reader.shape));
  await reader.read(data);
  await reader.finish();
  return { shape: reader.shape, data };
}
