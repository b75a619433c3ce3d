/**
 * Encodes a graph that is run several times in one run of ONNX Runtime.
 *
 * Outputs of one pass become inputs of the next without leaving the device, even if the binding
 * cannot keep tensors there.
 */

import { create } from "../packages/protobuf.ts";
import { encodeGraph, encodeGraphModel, encodeValueInfo } from "./encode.ts";
import type { Graph, Value } from "./graph.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "./onnx_pb.ts";

/** How a graph's inputs change from one pass to the next. */
export interface RepeatOptions {
  /** Number of passes. */
  readonly times: number;
  /** For each carried input, the output that becomes it in the next pass. */
  readonly carried: Readonly<Record<string, string>>;
  /** Inputs with one value per pass; they get a first axis of extent `times`. */
  readonly stacked: readonly string[];
}

/**
 * Encodes a model that runs a graph several times.
 *
 * Inputs and outputs keep their names. Carried outputs are those of the last pass; all others get a
 * first axis of extent `times`. Inputs that are neither carried nor stacked are the same in all
 * passes.
 */
export function encodeRepeated(
  graph: Graph,
  { times, carried, stacked }: RepeatOptions,
): Uint8Array<ArrayBuffer> {
  // Names in a loop's body must differ from those outside it.
  const within = (name: string) => `pass_${name}`;
  const body = encodeGraph(graph, within);
  const inputs = new Map(graph.inputs.map((value) => [value.name, value]));
  const carriedOutputs = Object.values(carried);
  const scanned = [...graph.outputs.keys()].filter((name) => !carriedOutputs.includes(name));
  const many = ({ type, shape }: Value) => ({ type, shape: [times, ...shape] });

  body.name = "pass";
  body.input = [
    encodeValueInfo("pass_number", { type: "int64", shape: [] }),
    encodeValueInfo("pass_wanted", { type: "bool", shape: [] }),
    ...Object.keys(carried).map((name) => encodeValueInfo(within(name), inputs.get(name)!)),
  ];
  body.output = [
    encodeValueInfo("pass_next_wanted", { type: "bool", shape: [] }),
    ...[...carriedOutputs, ...scanned].map((name) =>
      encodeValueInfo(within(name), graph.outputs.get(name)!)
    ),
  ];
  const copy = (from: string, to: string) =>
    create(NodeProtoSchema, { opType: "Identity", input: [from], output: [to] });
  body.node.unshift(
    copy("pass_wanted", "pass_next_wanted"),
    ...graph.inputs.flatMap(({ name }) => {
      if (name in carried) return [];
      if (!stacked.includes(name)) return [copy(name, within(name))];
      return [create(NodeProtoSchema, {
        opType: "Gather",
        input: [name, "pass_number"],
        output: [within(name)],
      })];
    }),
  );

  const loop = create(NodeProtoSchema, {
    opType: "Loop",
    input: ["passes", "", ...Object.keys(carried)],
    output: [...carriedOutputs, ...scanned],
    attribute: [create(AttributeProtoSchema, {
      name: "body",
      type: AttributeProto_AttributeType.GRAPH,
      g: body,
    })],
  });
  const outer = graph.inputs.map((value) =>
    encodeValueInfo(value.name, stacked.includes(value.name) ? many(value) : value)
  );
  return encodeGraphModel(create(GraphProtoSchema, {
    name: "nnunet",
    node: [loop],
    input: outer,
    output: [
      ...carriedOutputs.map((name) => encodeValueInfo(name, graph.outputs.get(name)!)),
      ...scanned.map((name) => encodeValueInfo(name, many(graph.outputs.get(name)!))),
    ],
    initializer: [create(TensorProtoSchema, {
      name: "passes",
      dims: [],
      dataType: TensorProto_DataType.INT64,
      rawData: new Uint8Array(BigInt64Array.of(BigInt(times)).buffer),
    })],
  }));
}
