/**
 * Prevents ONNX Runtime from planning memory by shape.
 *
 * Before the first run, it decides which values of one size share memory, and shared memory stays
 * allocated from the first of them to the last, even while none of them is in use: training steps
 * took twice the memory that they need at any moment. A value whose shape is computed in the run is
 * allocated when it is computed and freed after its last use.
 */

import { create } from "../packages/protobuf.ts";
import { sizeOf } from "../array/nd_array.ts";
import type { Graph, Value } from "./graph.ts";
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "./onnx_pb.ts";

/** Number of elements from which a value's shape is hidden. */
const LARGE = 1 << 16;

/**
 * Rewrites an encoded graph so that the shapes of large outputs of Reshape, and of everything
 * computed from them, are unknown before a run. Results do not change.
 *
 * @param encoded The encoded `graph`, which is modified if it has a float32 input.
 * @param graph The graph that was encoded.
 */
export function leaveShapesToRun(encoded: GraphProto, graph: Graph): void {
  const input = graph.inputs.find(({ type, shape }) => type === "float32" && sizeOf(shape) > 0);
  if (!input) return;
  const made = new Map<string, Value>();
  for (const { outputs } of graph.nodes) for (const value of outputs) made.set(value.name, value);
  const isLarge = ({ opType, output: [name] }: NodeProto) =>
    opType === "Reshape" && sizeOf(made.get(name)?.shape ?? []) >= LARGE;

  const name = (part: string) => `shapes_in_run_${part}`;
  const attribute = (name: string, i: bigint) =>
    create(AttributeProtoSchema, { name, type: AttributeType.INT, i });
  const rank = input.shape.length;
  // The argmax of a single number is 0, which ONNX Runtime does not deduce before the run.
  const added = [
    create(NodeProtoSchema, {
      opType: "Reshape",
      input: [rank === 0 ? input.name : name("first"), name("one")],
      output: [name("list")],
    }),
    create(NodeProtoSchema, {
      opType: "ArgMax",
      input: [name("list")],
      output: [name("zero")],
      attribute: [attribute("axis", 0n), attribute("keepdims", 1n)],
    }),
  ];
  const constants = { one: [1] };
  if (rank > 0) {
    added.unshift(create(NodeProtoSchema, {
      opType: "Slice",
      input: [input.name, name("starts"), name("ends")],
      output: [name("first")],
    }));
    Object.assign(constants, { starts: input.shape.map(() => 0), ends: input.shape.map(() => 1) });
  }
  const shapes = new Map<string, string>();
  for (const node of encoded.node.filter(isLarge)) {
    const known = node.input[1];
    let found = shapes.get(known);
    if (!found) {
      found = `${known}_in_run`;
      shapes.set(known, found);
      added.push(
        create(NodeProtoSchema, { opType: "Add", input: [known, name("zero")], output: [found] }),
      );
    }
    node.input[1] = found;
  }
  if (shapes.size === 0) return;
  encoded.node.unshift(...added);
  for (const [part, values] of Object.entries(constants)) {
    encoded.initializer.push(create(TensorProtoSchema, {
      name: name(part),
      dims: [BigInt(values.length)],
      dataType: TensorProto_DataType.INT64,
      rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    }));
  }
}
