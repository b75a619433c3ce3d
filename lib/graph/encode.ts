/**
 * Graphs as ONNX model files.
 *
 * `onnx_pb.ts` is generated from ONNX's own onnx.proto3 with `buf generate` and `protoc-gen-es`
 * (target=ts, import_extension=ts); do not edit it.
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DataType } from "../array/data_type.ts";
import { type NdArray, sameShape, sizeOf } from "../array/nd_array.ts";
import { type Attributes, floatAttributes } from "./attributes.ts";
import type { Graph, Value } from "./graph.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";
import { leaveShapesToRun } from "./shapes_in_run.ts";
import type { ConstantData } from "./tensor_info.ts";

/** Operator set that our graphs are written in. */
const OPSET = 21;
/** File format version that goes with it. */
const IR_VERSION = 10;

const elementType: Record<DataType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

/** The type with a number in onnx.proto3. @throws {TypeError} If graphs have no such type. */
export function typeOfElement(number: number): DataType {
  const found = Object.entries(elementType).find(([, element]) => element === number);
  if (!found) throw new TypeError(`Cannot read element type ${TensorProto_DataType[number]}`);
  return found[0] as DataType;
}

function encodeAttributes(attributes: Attributes) {
  const Type = AttributeProto_AttributeType;
  return Object.entries(attributes).map(([name, value]) => {
    if (name === "to") {
      const i = BigInt(elementType[value as DataType]);
      return create(AttributeProtoSchema, { name, type: Type.INT, i });
    }
    if (typeof value === "string") {
      const s = new TextEncoder().encode(value);
      return create(AttributeProtoSchema, { name, type: Type.STRING, s });
    }
    if (typeof value === "number") {
      return floatAttributes.has(name)
        ? create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value })
        : create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
    }
    return floatAttributes.has(name)
      ? create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...value] })
      : create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
  });
}

/** Name, type and shape of an input or output. */
export function encodeValueInfo(name: string, { type, shape }: Pick<Value, "type" | "shape">) {
  const dim = shape.map((extent) => ({
    value: { case: "dimValue" as const, value: BigInt(extent) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: { case: "tensorType", value: { elemType: elementType[type], shape: { dim } } },
    },
  });
}

/**
 * Writes a graph as an ONNX model.
 *
 * Nodes on which no output depends are left out.
 *
 * @param metadata Strings to store beside the graph.
 * @param options.toRunInOrder Whether ONNX Runtime should run nodes about in the graph's order, so
 * that it frees values early. It computes a node's inputs starting with the one that comes last in
 * the file, so nodes are written backwards, which ONNX does not allow: such a file is for ONNX
 * Runtime only.
 * @param options.shapesInRun Whether ONNX Runtime should find the shapes of large values in the run:
 * see `shapes_in_run.ts`.
 * @param options.batchName A name for the first extent of all inputs and outputs, which is then free;
 * no operator may have that extent built in.
 * @throws {TypeError} If a derivative of `lib/autodiff` has not been lowered to ONNX's operators.
 */
export function encodeModel(
  graph: Graph,
  metadata: Readonly<Record<string, string>> = {},
  { batchName, toRunInOrder = false, shapesInRun = false }: {
    readonly batchName?: string;
    readonly toRunInOrder?: boolean;
    readonly shapesInRun?: boolean;
  } = {},
): Uint8Array<ArrayBuffer> {
  const encoded = encodeGraph(graph);
  if (shapesInRun) leaveShapesToRun(encoded, graph);
  if (toRunInOrder) encoded.node.reverse();
  for (const { type } of batchName === undefined ? [] : [...encoded.input, ...encoded.output]) {
    if (type?.value.case !== "tensorType") continue;
    type.value.value.shape!.dim[0].value = { case: "dimParam", value: batchName! };
  }
  return encodeGraphModel(encoded, metadata);
}

/** Puts a graph into a model file. */
export function encodeGraphModel(
  graph: GraphProto,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: "nnunet-ts",
    opsetImport: [
      { domain: "", version: BigInt(OPSET) },
      ...new Set(["com.microsoft", ...domainsOf(graph)].filter((domain) => domain)),
    ].map((entry) => typeof entry === "string" ? { domain: entry, version: 1n } : entry),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

/** Domains of all operators, those of subgraphs included. */
function domainsOf({ node }: GraphProto): string[] {
  return node.flatMap(({ domain, attribute }) => [
    domain,
    ...attribute.flatMap(({ g }) => g ? domainsOf(g) : []),
  ]);
}

/**
 * A graph in protobuf's terms.
 *
 * @param publicName Gives inputs and outputs other names.
 * @throws {TypeError} If a derivative of `lib/autodiff` has not been lowered to ONNX's operators.
 */
export function encodeGraph(
  graph: Graph,
  publicName: (name: string) => string = (name) => name,
): GraphProto {
  const needed = reachableFromOutputs(graph);
  const publicNames = new Map<Value, string>();
  const copies: { from: Value; to: string }[] = [];
  for (const value of graph.inputs) publicNames.set(value, publicName(value.name));
  for (const [name, value] of graph.outputs) {
    const to = publicName(name);
    // An input, a constant, or a value that is already another output needs a copy to be one.
    if (publicNames.has(value) || !graph.producerOf(value)) copies.push({ from: value, to });
    else publicNames.set(value, to);
  }
  const nameOf = (value: Value | null) => value ? publicNames.get(value) ?? value.name : "";

  const nodes = graph.nodes.filter((node) => node.outputs.some((output) => needed.has(output)));
  const node = nodes.map(({ operator, inputs, outputs, attributes, origin }, i) => {
    const [domain, opType] = operator.includes(":") ? operator.split(":") : ["", operator];
    if (domain === "nnunet") {
      throw new TypeError(`Cannot encode ${opType}: lower the graph to ONNX operators first`);
    }
    return create(NodeProtoSchema, {
      name: origin ? `${origin}/${i}` : "",
      domain,
      opType,
      input: inputs.map(nameOf),
      output: outputs.map(nameOf),
      attribute: encodeAttributes(attributes),
    });
  });
  for (const { from, to } of copies) {
    node.push(create(NodeProtoSchema, { opType: "Identity", input: [nameOf(from)], output: [to] }));
  }
  return create(GraphProtoSchema, {
    name: "nnunet",
    node,
    input: graph.inputs.map((value) => encodeValueInfo(publicName(value.name), value)),
    output: [...graph.outputs].map(([name, value]) => encodeValueInfo(publicName(name), value)),
    initializer: graph.constants.filter((value) => needed.has(value)).map((value) =>
      create(TensorProtoSchema, {
        name: value.name,
        dims: value.shape.map(BigInt),
        dataType: elementType[value.type],
        rawData: value.constant && bytesOf(value.constant),
      })
    ),
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ConstantData): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/**
 * Puts weights into a model whose graph has placeholders for them. Building such a graph takes
 * milliseconds; this copies all weights, which a worker can do.
 *
 * @param weights By name; those without a placeholder in the model are ignored.
 * @throws {TypeError} If one is missing or has another shape.
 */
export function fillModel(
  model: Uint8Array,
  weights: ReadonlyMap<string, NdArray>,
): Uint8Array<ArrayBuffer> {
  const decoded = decodeModel(model);
  for (const tensor of decoded.graph?.initializer ?? []) {
    const shape = tensor.dims.map(Number);
    if (tensor.rawData.length > 0 || sizeOf(shape) === 0) continue;
    const found = weights.get(tensor.name);
    if (!found || !sameShape(found.shape, shape)) {
      throw new TypeError(
        `Cannot build the network: ${tensor.name} is ${found ? `[${found.shape}]` : "missing"}, ` +
          `expected [${shape}]`,
      );
    }
    tensor.rawData = bytesOf(found.data);
  }
  return toBinary(ModelProtoSchema, decoded);
}

/**
 * Reads an ONNX model file.
 *
 * @throws {Error} If the bytes are no protobuf message.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

/** Every value that some output depends on. */
function reachableFromOutputs(graph: Graph): Set<Value> {
  const reached = new Set<Value>(graph.outputs.values());
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i];
    if (!outputs.some((output) => reached.has(output))) continue;
    for (const input of inputs) if (input) reached.add(input);
  }
  return reached;
}
