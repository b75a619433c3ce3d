/**
 * ONNX graphs under construction.
 *
 * A {@link Value} knows the graph that it belongs to, its type and its shape, so that operators are
 * plain functions of values (`lib/graph/operators.ts`) and a mistake in a shape is an error where
 * it is made, not when ONNX Runtime loads the model. Shapes are static.
 */

import type { DataType } from "../array/data_type.ts";
import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Attributes } from "./attributes.ts";
import type { OperatorName } from "./operator_name.ts";
import { inferOutputs } from "./shape_inference.ts";
import type { ConstantData, TensorInfo } from "./tensor_info.ts";

/**
 * A tensor in a graph: the output of a node, an input, or a constant.
 *
 * A constant without content is a {@link Graph.placeholder}.
 */
export interface Value extends TensorInfo {
  readonly graph: Graph;
  /** Unique in its graph. */
  readonly name: string;
}

/** One operator applied. */
export interface Node {
  readonly operator: OperatorName;
  /** Values read; `null` where an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** What it is part of, for profiles: see {@link Graph.origin}. */
  readonly origin?: string;
}

/** A list of operator applications in the order in which they will run. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly constants: Value[] = [];
  /** Results under their public names. */
  readonly outputs: Map<string, Value> = new Map();
  /** Recorded in every node added from now on, and in its name in the ONNX file. */
  origin: string | undefined;
  readonly #producers = new Map<Value, Node>();
  readonly #sharedConstants = new Map<string, Value>();
  #count = 0;

  /** @param prefix Precedes generated names, so that they cannot collide with given ones. */
  constructor(readonly prefix: string = "") {}

  /** Declares an input that every run is given. @throws {RangeError} If the name is taken. */
  input(name: string, type: DataType, shape: Shape): Value {
    if (this.inputs.some((input) => input.name === name)) {
      throw new RangeError(`Cannot declare input "${name}": the graph has one of that name`);
    }
    const value = { graph: this, name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /**
   * A value known when the graph is built.
   *
   * @param name Public name, for weights; without one, equal small constants are shared.
   * @throws {RangeError} If the number of elements does not fit the shape.
   */
  constant(type: DataType, shape: Shape, data: ConstantData, name?: string): Value {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(
        `Cannot make constant of shape [${shape}]: found ${data.length} values, ` +
          `expected ${sizeOf(shape)}`,
      );
    }
    const key = name === undefined && data.length <= 64 ? `${type} [${shape}] ${data}` : undefined;
    const shared = key && this.#sharedConstants.get(key);
    if (shared) return shared;
    const value = { graph: this, name: name ?? this.#freshName("c"), type, shape, constant: data };
    this.constants.push(value);
    if (key) this.#sharedConstants.set(key, value);
    return value;
  }

  /** A constant whose elements are filled into the encoded model: see `fillModel()`. */
  placeholder(type: DataType, shape: Shape, name: string): Value {
    const value = { graph: this, name, type, shape };
    this.constants.push(value);
    return value;
  }

  /** A copy of another graph's constant, under the same name. */
  adopt({ type, shape, constant, name }: Value): Value {
    return constant
      ? this.constant(type, shape, constant, name)
      : this.placeholder(type, shape, name);
  }

  /**
   * Appends an operator and infers the types and shapes of its outputs.
   *
   * @param inputs `null` where an optional input is left out.
   * @returns The operator's outputs.
   * @throws {TypeError | RangeError} If the operator is unknown or its inputs do not fit together.
   */
  add(
    operator: OperatorName,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
  ): Value[] {
    for (const input of inputs) {
      if (input && input.graph !== this) {
        throw new TypeError(
          `Cannot apply ${operator}: input "${input.name}" belongs to another graph`,
        );
      }
    }
    const outputs = inferOutputs(operator, inputs, attributes).map(
      ({ type, shape }): Value => ({ graph: this, name: this.#freshName("v"), type, shape }),
    );
    const node: Node = { operator, inputs, outputs, attributes, origin: this.origin };
    this.nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** Declares a result. @throws {RangeError} If the name is taken. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) {
      throw new RangeError(`Cannot declare output "${name}": the graph has one of that name`);
    }
    this.outputs.set(name, value);
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producerOf(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  #freshName(kind: string): string {
    return `${this.prefix}${kind}${this.#count++}`;
  }
}
