/**
 * The sliding window as a model: a loop over passes of the network that cuts each tile out of the
 * volume and adds its weighted logits to a sum, all on the device.
 */

import { create } from "@bufbuild/protobuf";
import { type Shape, sizeOf } from "../array/nd_array.ts";
import { encodeGraph, encodeGraphModel } from "../graph/encode.ts";
import { Graph } from "../graph/graph.ts";
import { importedNetwork } from "../graph/imported_network.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
} from "../graph/onnx_pb.ts";
import * as o from "../graph/operators.ts";
import { lowerFor } from "../lowering/for_device.ts";
import { halveConvolutions } from "../lowering/mixed_precision.ts";
import type { Device } from "../runtime/device.ts";
import { gaussianWeights } from "./gaussian.ts";

/** Names of the model's inputs and outputs. */
export const windowNames = {
  /** int64 scalar: passes to make */
  passes: "passes",
  /** float32 (c, z, y, x) */
  volume: "volume",
  /** float32 (heads + 1, z, y, x): weighted logits, and the weights themselves */
  sum: "sum",
  newSum: "new_sum",
  /** int32 (passes, extent of the tile), an axis each: voxels of the volume that make the tile */
  from: ["from_z", "from_y", "from_x"],
  /** int32 (passes, extent of the tile), an axis each: voxels of the tile in the volume's order */
  back: ["back_z", "back_y", "back_x"],
  /** int64 (passes, 8): voxels of the volume before and after the tile */
  around: "around",
} as const;

/** What the model is made of. */
export interface WindowModelOptions {
  readonly device: Device;
  readonly heads: number;
  /** (z, y, x), or (y, x) for a network that sees one slice at a time. */
  readonly tileSize: Shape;
  /** Weigh the middle of a tile more than its margin. */
  readonly gaussian: boolean;
  /** Convolutions in float16. */
  readonly half?: boolean;
}

/**
 * A network's sliding window over volumes of any size.
 *
 * @param network An inference model of this project.
 */
export function windowModel(
  network: Uint8Array,
  { device, heads, tileSize, gaussian, half = false }: WindowModelOptions,
): Uint8Array<ArrayBuffer> {
  const tile: Shape = tileSize.length === 2 ? [1, ...tileSize] : tileSize;
  const { shape: [, channels], build } = importedNetwork(network);
  const graph = new Graph("w");
  const image = graph.input("tile", "float32", [channels, ...tile]);
  const logits = build(o.reshape(image, [1, channels, ...tileSize]));
  const ones = new Float32Array(sizeOf(tile)).fill(1);
  graph.output(
    "seen",
    o.concat([
      o.reshape(logits, [heads, ...tile]),
      graph.constant("float32", [1, ...tile], ones),
    ], 0),
  );
  const weights = new Graph("g");
  const seen = weights.input("unflipped", "float32", [heads + 1, ...tile]);
  const importance = gaussian ? gaussianWeights(tileSize) : ones;
  weights.output(
    "weighted",
    o.mul(seen, weights.constant("float32", [1, ...tile], Float32Array.from(importance))),
  );
  const lowered = lowerFor(device, half ? halveConvolutions(graph) : graph);
  return encodeGraphModel(loopAround(encodeGraph(lowered), encodeGraph(weights), channels, heads));
}

type GraphProto = ReturnType<typeof encodeGraph>;

function loopAround(network: GraphProto, weights: GraphProto, channels: number, heads: number) {
  const { passes, volume, sum, newSum, from, back, around } = windowNames;
  const node = (opType: string, input: string[], output: string, axis?: number) =>
    create(NodeProtoSchema, {
      opType,
      input,
      output: [output],
      attribute: axis === undefined ? [] : [
        create(AttributeProtoSchema, {
          name: "axis",
          type: AttributeProto_AttributeType.INT,
          i: BigInt(axis),
        }),
      ],
    });
  const { FLOAT, INT32, INT64, BOOL } = TensorProto_DataType;
  const info = (name: string, elemType: TensorProto_DataType, dims: (number | string)[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: "tensorType",
          value: {
            elemType,
            shape: {
              dim: dims.map((dim) =>
                create(TensorShapeProto_DimensionSchema, {
                  value: typeof dim === "number"
                    ? { case: "dimValue", value: BigInt(dim) }
                    : { case: "dimParam", value: dim },
                })
              ),
            },
          },
        },
      },
    });
  /** Takes voxels along all three axes, one axis after another. */
  const pick = (source: string, lists: readonly string[], name: string) =>
    lists.flatMap((list, i) => [
      node("Gather", [list, "pass"], `pass_${list}`, 0),
      node(
        "Gather",
        [i === 0 ? source : `${name}_${i - 1}`, `pass_${list}`],
        i === 2 ? name : `${name}_${i}`,
        i + 1,
      ),
    ]);
  const space = ["z", "y", "x"];
  const body = create(GraphProtoSchema, {
    name: "pass",
    input: [
      info("pass", INT64, []),
      info("wanted", BOOL, []),
      info("before", FLOAT, [
        heads + 1,
        ...space,
      ]),
    ],
    output: [info("still_wanted", BOOL, []), info("after", FLOAT, [heads + 1, ...space])],
    initializer: [...network.initializer, ...weights.initializer],
    node: [
      node("Identity", ["wanted"], "still_wanted"),
      ...pick(volume, from, "tile"),
      ...network.node,
      ...pick("seen", back, "unflipped"),
      ...weights.node,
      node("Gather", [around, "pass"], "pass_around", 0),
      node("Pad", ["weighted", "pass_around"], "placed"),
      node("Add", ["before", "placed"], "after"),
    ],
  });
  return create(GraphProtoSchema, {
    name: "nnunet",
    input: [
      info(passes, INT64, []),
      info(volume, FLOAT, [channels, ...space]),
      info(sum, FLOAT, [heads + 1, ...space]),
      ...[...from, ...back].map((name) => info(name, INT32, ["passes", `tile_${name}`])),
      info(around, INT64, ["passes", 8]),
    ],
    output: [info(newSum, FLOAT, [heads + 1, ...space])],
    initializer: [
      create(TensorProtoSchema, {
        name: "always",
        dims: [],
        dataType: BOOL,
        rawData: Uint8Array.of(1),
      }),
    ],
    node: [create(NodeProtoSchema, {
      opType: "Loop",
      input: [passes, "always", sum],
      output: [newSum],
      attribute: [create(AttributeProtoSchema, {
        name: "body",
        type: AttributeProto_AttributeType.GRAPH,
        g: body,
      })],
    })],
  });
}
