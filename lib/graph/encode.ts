/**
 * Encodes graphs as ONNX models.
 *
 * `onnx_pb.ts` is generated from ONNX's onnx.proto3 with `buf generate` and `protoc-gen-es`
 * (target=ts, import_extension=ts); do not edit it.
 */

import { create, fromBinary, toBinary } from "../packages/protobuf.ts";
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

/** Version of ONNX's operator set in use. */
const OPSET = 21;
/** Version of ONNX's file format that belongs to the operator set. */
const IR_VERSION = 10;

const elementType: Record<DataType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

/** Returns the type with a number in onnx.proto3. @throws {TypeError} If graphs do not have it. */
export function typeOfElement(number: number): DataType {
  const found = Object.entries(elementType).find(([, element]) => element === number);
  if (!found) throw new TypeError(`Cannot read element type ${TensorProto_DataType[number]}`);
  return found[0] as DataType;
}

/** @throws {RangeError} If an attribute that is not a float has a fraction. */
function encodeAttributes(operator: string, attributes: Attributes) {
  const Type = AttributeProto_AttributeType;
  return Object.entries(attributes).map(([name, value]) => {
    const integer = (number: number) => {
      if (Number.isInteger(number)) return BigInt(number);
      throw new RangeError(
        `Cannot encode ${operator}: attribute ${name} is ${number}, expected an integer, or ${name} ` +
          "in floatAttributes",
      );
    };
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
        : create(AttributeProtoSchema, { name, type: Type.INT, i: integer(value) });
    }
    return floatAttributes.has(name)
      ? create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...value] })
      : create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(integer) });
  });
}

/** Encodes the name, type and shape of an input or output. */
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
 * Encodes a graph as an ONNX model.
 *
 * Nodes on which no output depends are omitted.
 *
 * @param graph The graph.
 * @param metadata Strings to store in the model.
 * @param options.toRunInOrder Whether ONNX Runtime should run nodes approximately in the graph's
 * order, so that it frees values early. It computes a node's inputs starting with the one that
 * comes last in the file, so nodes are written in reverse, which ONNX does not allow: such a file is
 * for ONNX Runtime only.
 * @param options.shapesInRun Whether ONNX Runtime should compute the shapes of large values in the
 * run: see `shapes_in_run.ts`.
 * @param options.batchName A name for the first extent of all inputs and outputs, which is then
 * free; no operator may depend on that extent.
 * @throws {TypeError} If a derivative of `lib/autodiff` has not been lowered to ONNX's operators.
 * @throws {RangeError} If an attribute that is not a float has a fraction.
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

/** Encodes a model from an encoded graph. */
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

/** Returns the domains of all operators, including those of subgraphs. */
function domainsOf({ node }: GraphProto): string[] {
  return node.flatMap(({ domain, attribute }) => [
    domain,
    ...attribute.flatMap(({ g }) => g ? domainsOf(g) : []),
  ]);
}

/**
 * Encodes a graph as a protobuf message.
 *
 * @param graph The graph.
 * @param publicName Renames inputs and outputs.
 * @throws {TypeError} If a derivative of `lib/autodiff` has not been lowered to ONNX's operators.
 * @throws {RangeError} If an attribute that is not a float has a fraction.
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
      attribute: encodeAttributes(operator, attributes),
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
 * Fills the placeholders of an encoded model with weights. Building such a model takes
 * milliseconds; copying all weights takes longer and can be done in a worker.
 *
 * @param model An encoded ONNX model.
 * @param weights Weights by name; those without a placeholder in the model are ignored.
 * @throws {TypeError} If a weight is missing or has another shape.
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
 * Decodes an ONNX model.
 *
 * @throws {Error} If the bytes are not a protobuf message.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

/** Returns all values that some output depends on. */
function reachableFromOutputs(graph: Graph): Set<Value> {
  const reached = new Set<Value>(graph.outputs.values());
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i];
    if (!outputs.some((output) => reached.has(output))) continue;
    for (const input of inputs) if (input) reached.add(input);
  }
  return reached;
}
