/**
 * Encodes the sliding window as an ONNX model: a loop over passes that cut patches out of the volume
 * and add their weighted logits to a sum, all on the device. The volume's shape is free, which
 * `Graph` does not support, so everything around the networks is written as ONNX nodes.
 */

import { create } from "../../packages/protobuf.ts";
import { encodeGraph, encodeGraphModel } from "../../graph/encode.ts";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
} from "../../graph/onnx_pb.ts";
import {
  networkPass,
  passNames,
  type PassOptions,
  type PassSize,
  weighingPass,
} from "./pass_graphs.ts";

/** Names of the models' inputs and outputs. */
export const windowNames = {
  /** int64 scalar: number of passes */
  passes: "passes",
  /** float32 (c, z, y, x) */
  volume: "volume",
  /**
   * float32 (heads + 1, z, y, x): sums of weighted logits, then of weights; before the first pass,
   * zeros, (heads + 1, 1, 1, 1)
   */
  sum: "sum",
  newSum: "new_sum",
  /** int32 (passes, patches, extent of the tile), one per axis: the volume's voxels in a patch */
  from: ["from_z", "from_y", "from_x"],
  /** int32, the same shape: the patch's voxels in the volume's order, which mirrors logits back */
  back: ["back_z", "back_y", "back_x"],
  /** int64 (passes, tiles, 8), as ONNX's Pad expects: voxels of the volume before and after a tile */
  margins: "margins",
  /** float32 (passes, tiles, 1): 1, or 0 for a tile that only fills up a pass */
  counted: "counted",
  /** int64 (4): begin and end of the volume's logits and weights in the sum, without the padding */
  inside: {
    logits: ["logits_begin", "logits_end"],
    weights: ["weights_begin", "weights_end"],
  },
  /** float32 (heads, z, y, x): summed logits divided by summed weights */
  logits: "logits",
} as const;

const { FLOAT, INT32, INT64, BOOL } = TensorProto_DataType;
const space = ["z", "y", "x"];

/**
 * Encodes the sliding window of all folds' networks for volumes of any size.
 *
 * @param models One inference model of this library per fold.
 * @param size Tiles and views per pass.
 * @param options.divides Whether the model outputs the logits as well as the sum.
 */
export function windowModel(
  models: readonly Uint8Array[],
  size: PassSize,
  { divides, ...options }: PassOptions & { readonly divides: boolean },
): Uint8Array<ArrayBuffer> {
  const { heads } = options;
  const network = networkPass(models, size.tiles * size.views, options);
  const [{ shape: [channels] }] = network.inputs;
  const { passes, volume, sum, newSum, from, back, margins, counted } = windowNames;
  return encodeGraphModel(create(GraphProtoSchema, {
    name: "nnunet",
    input: [
      info(passes, INT64, []),
      info(volume, FLOAT, [channels, ...space]),
      info(sum, FLOAT, sumBefore(heads)),
      ...[...from, ...back].map((name) => info(name, INT32, ["passes", "patches", `tile_${name}`])),
      info(margins, INT64, ["passes", "tiles", 8]),
      info(counted, FLOAT, ["passes", "tiles", 1]),
      ...divides ? insideInfos() : [],
    ],
    output: [info(newSum, FLOAT, [heads + 1, ...space]), ...divides ? [logitsInfo(heads)] : []],
    initializer: [create(TensorProtoSchema, {
      name: "always",
      dims: [],
      dataType: BOOL,
      rawData: Uint8Array.of(1),
    })],
    node: [
      create(NodeProtoSchema, {
        opType: "Loop",
        input: [passes, "always", sum],
        output: [newSum],
        attribute: [create(AttributeProtoSchema, {
          name: "body",
          type: AttributeProto_AttributeType.GRAPH,
          g: onePass(encodeGraph(network), encodeGraph(weighingPass(size, options)), size, heads),
        })],
      }),
      ...divides ? division(newSum) : [],
    ],
  }));
}

/** Dimensions of the sum before a pass: those of the volume, or 1 per axis before the first pass. */
function sumBefore(heads: number) {
  // If the dimensions had the volume's names, ONNX Runtime might overwrite the old sum in place.
  return [heads + 1, ...space.map((axis) => `before_${axis}`)];
}

/** Encodes the division of sums into logits, which {@link windowModel} includes if it `divides`. */
export function divisionModel(heads: number): Uint8Array<ArrayBuffer> {
  return encodeGraphModel(create(GraphProtoSchema, {
    name: "nnunet",
    input: [info(windowNames.sum, FLOAT, [heads + 1, ...space]), ...insideInfos()],
    output: [logitsInfo(heads)],
    node: division(windowNames.sum),
  }));
}

type GraphProto = ReturnType<typeof encodeGraph>;

function onePass(network: GraphProto, weighing: GraphProto, size: PassSize, heads: number) {
  const { volume, from, back, margins, counted } = windowNames;
  const tiles = Array.from({ length: size.tiles }, (_, i) => i);
  const patches = Array.from({ length: size.tiles * size.views }, (_, i) => i);
  /** Selects the pass's part of an input, and from it the part of each tile or patch. */
  const parts = (name: string, numbers: readonly number[]) => [
    node("Gather", [name, "pass"], `pass_${name}`, 0),
    ...numbers.map((i) => node("Gather", [`pass_${name}`, `number_${i}`], `${name}_${i}`, 0)),
  ];
  /** Gathers voxels along one axis after another. */
  const pick = (source: string, lists: readonly string[], i: number, name: string) =>
    lists.map((list, axis) =>
      node(
        "Gather",
        [axis === 0 ? source : `${name}_along_${axis - 1}`, `${list}_${i}`],
        axis === 2 ? name : `${name}_along_${axis}`,
        axis + 1,
      )
    );
  return create(GraphProtoSchema, {
    name: "pass",
    input: [
      info("pass", INT64, []),
      info("wanted", BOOL, []),
      info("before", FLOAT, sumBefore(heads)),
    ],
    output: [info("still_wanted", BOOL, []), info("after", FLOAT, [heads + 1, ...space])],
    initializer: [
      ...network.initializer,
      ...weighing.initializer,
      ...patches.map((i) =>
        create(TensorProtoSchema, {
          name: `number_${i}`,
          dims: [],
          dataType: INT64,
          rawData: new Uint8Array(BigInt64Array.of(BigInt(i)).buffer),
        })
      ),
    ],
    node: [
      node("Identity", ["wanted"], "still_wanted"),
      ...[...from, ...back].flatMap((list) => parts(list, patches)),
      ...parts(margins, tiles),
      ...parts(counted, tiles),
      ...patches.flatMap((i) => pick(volume, from, i, passNames.patch(i))),
      ...network.node,
      ...patches.flatMap((i) => pick(passNames.logits(i), back, i, passNames.unflipped(i))),
      ...weighing.node,
      ...tiles.flatMap((i) => [
        node("Pad", [passNames.weighted(i), `${margins}_${i}`], `placed_${i}`),
        node(
          "Add",
          [i === 0 ? "before" : `sum_${i - 1}`, `placed_${i}`],
          i === size.tiles - 1 ? "after" : `sum_${i}`,
        ),
      ]),
    ],
  });
}

/** Nodes that divide logits by weights, without the padding of a volume smaller than the tile. */
function division(sum: string) {
  const { inside, logits } = windowNames;
  return [
    node("Slice", [sum, ...inside.logits], "weighted_logits"),
    node("Slice", [sum, ...inside.weights], "weights"),
    node("Div", ["weighted_logits", "weights"], logits),
  ];
}

function insideInfos() {
  return Object.values(windowNames.inside).flat().map((name) => info(name, INT64, [4]));
}

function logitsInfo(heads: number) {
  return info(windowNames.logits, FLOAT, [heads, ...space.map((axis) => `inside_${axis}`)]);
}

function node(opType: string, input: readonly string[], output: string, axis?: number) {
  return create(NodeProtoSchema, {
    opType,
    input: [...input],
    output: [output],
    attribute: axis === undefined ? [] : [create(AttributeProtoSchema, {
      name: "axis",
      type: AttributeProto_AttributeType.INT,
      i: BigInt(axis),
    })],
  });
}

function info(name: string, elemType: TensorProto_DataType, dims: readonly (number | string)[]) {
  const dim = dims.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof extent === "number"
        ? { case: "dimValue", value: BigInt(extent) }
        : { case: "dimParam", value: extent },
    })
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } },
  });
}
