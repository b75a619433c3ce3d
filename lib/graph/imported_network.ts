/** Reads ONNX models written by this library as functions that rebuild their graphs. */

import type { DataType } from "../array/data_type.ts";
import type { Shape } from "../array/nd_array.ts";
import type { Attributes } from "./attributes.ts";
import { decodeModel, typeOfElement } from "./encode.ts";
import type { Graph, Value } from "./graph.ts";
import {
  AttributeProto_AttributeType,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./onnx_pb.ts";
import type { OperatorName } from "./operator_name.ts";
import { isOperatorName } from "./shape_inference.ts";
import type { ConstantData } from "./tensor_info.ts";

/** A network read from a model. */
export interface ImportedNetwork {
  /** The input's shape; its first extent is 1 if it is free. */
  readonly shape: Shape;
  /** Whether the input's first extent is free. */
  readonly isBatchFree: boolean;
  /** Builds the model's first output from its input; may be called once per graph. */
  readonly build: (input: Value) => Value;
}

/**
 * Reads a model with one input as a function of values, so that it can be lowered for another
 * device or become part of a larger graph. Weights keep their names.
 *
 * @param model An encoded ONNX model.
 * @param prefix Prefix of the weights' names, for several models in one graph.
 * @throws {TypeError} If the model has several inputs or, when it is built, operators that this
 * library does not write.
 */
export function importedNetwork(model: Uint8Array, prefix = ""): ImportedNetwork {
  const { graph } = decodeModel(model);
  if (!graph || graph.input.length !== 1) {
    throw new TypeError(
      `Cannot read the model: it has ${graph?.input.length ?? 0} inputs, expected 1`,
    );
  }
  const build = (input: Value) => {
    const values = new Map<string, Value>([[graph.input[0].name, input]]);
    for (const tensor of graph.initializer) {
      values.set(tensor.name, constantOf(input.graph, tensor, prefix));
    }
    for (const node of graph.node) {
      const operator = operatorOf(node);
      const inputs = node.input.map((name) => name === "" ? null : values.get(name)!);
      const outputs = input.graph.add(operator, inputs, attributesOf(node));
      node.output.forEach((name, i) => values.set(name, outputs[i]));
    }
    return values.get(graph.output[0].name)!;
  };
  return { ...shapeOf(graph.input[0]), build };
}

function shapeOf({ name, type }: ValueInfoProto): Pick<ImportedNetwork, "shape" | "isBatchFree"> {
  const dims = type?.value.case === "tensorType" ? type.value.value.shape?.dim : undefined;
  const isBatchFree = dims?.[0]?.value.case === "dimParam";
  if (!dims?.every(({ value }, i) => value.case === "dimValue" || (i === 0 && isBatchFree))) {
    throw new TypeError(`Cannot read the model: the shape of its input "${name}" is not fixed`);
  }
  const shape = dims.map(({ value }) => value.case === "dimValue" ? Number(value.value) : 1);
  return { shape, isBatchFree };
}

function operatorOf({ domain, opType }: NodeProto): OperatorName {
  const name = domain ? `${domain}:${opType}` : opType;
  if (!isOperatorName(name)) {
    throw new TypeError(
      `Cannot read the model: found operator "${name}", expected one that this library writes`,
    );
  }
  return name;
}

function constantOf(
  graph: Graph,
  { name, dims, dataType, rawData }: TensorProto,
  prefix: string,
): Value {
  const type = typeOfElement(dataType);
  // A copy, since protobuf's bytes may be unaligned.
  const { buffer } = rawData.slice();
  return graph.constant(type, dims.map(Number), viewOf(type, buffer), prefix + name);
}

function viewOf(type: DataType, buffer: ArrayBuffer): ConstantData {
  switch (type) {
    case "float32":
      return new Float32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "float16":
      return new Uint16Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

function attributesOf({ attribute }: NodeProto): Attributes {
  const Type = AttributeProto_AttributeType;
  return Object.fromEntries(attribute.map(({ name, type, i, f, s, ints }) => {
    if (name === "to") return [name, typeOfElement(Number(i))];
    switch (type) {
      case Type.INT:
        return [name, Number(i)];
      case Type.FLOAT:
        return [name, f];
      case Type.STRING:
        return [name, new TextDecoder().decode(s)];
      case Type.INTS:
        return [name, ints.map(Number)];
      default:
        throw new TypeError(`Cannot read attribute "${name}": it is of type ${Type[type]}`);
    }
  }));
}
