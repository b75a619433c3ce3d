/**
 * Builds ONNX graphs.
 *
 * A {@link Value} knows its graph, type and shape, so that operators are plain functions of values
 * (`lib/graph/operators.ts`) and shape mistakes are reported where they are made, not when ONNX
 * Runtime loads the model. Shapes are static.
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
 * A constant without elements is a {@link Graph.placeholder}.
 */
export interface Value extends TensorInfo {
  /** The graph that it belongs to. */
  readonly graph: Graph;
  /** Unique in its graph. */
  readonly name: string;
}

/** An application of an operator. */
export interface Node {
  /** ONNX's name of the operator. */
  readonly operator: OperatorName;
  /** The operator's inputs; `null` if an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  /** The operator's outputs. */
  readonly outputs: readonly Value[];
  /** The operator's parameters besides its inputs. */
  readonly attributes: Attributes;
  /** The part of the model that the node belongs to, for profiles: see {@link Graph.origin}. */
  readonly origin?: string;
}

/**
 * A graph of operators, in the order in which they will run.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { add, Graph, mul } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 1]);
 * const y = graph.input("y", "float32", [3]);
 * graph.output("z", add(mul(x, 2), y));
 * assert.deepEqual(graph.outputs.get("z")!.shape, [2, 3]);
 * assert.deepEqual(graph.nodes.map(({ operator }) => operator), ["Mul", "Add"]);
 * ```
 */
export class Graph {
  /** All nodes, in the order in which they were added. */
  readonly nodes: Node[] = [];
  /** Values that every run is given. */
  readonly inputs: Value[] = [];
  /** Values known when the graph is built, and placeholders. */
  readonly constants: Value[] = [];
  /** Results by their public names. */
  readonly outputs: Map<string, Value> = new Map();
  /** Recorded in every node added from now on, and in its name in the ONNX file. */
  origin: string | undefined;
  readonly #producers = new Map<Value, Node>();
  readonly #sharedConstants = new Map<string, Value>();
  #count = 0;

  /**
   * Creates an empty graph.
   *
   * @param prefix Prefix of generated names, so that they do not collide with given names; empty by
   * default.
   */
  constructor(
    /** Prefix of generated names. */
    readonly prefix: string = "",
  ) {}

  /**
   * Declares an input that every run is given.
   *
   * @param name The input's name.
   * @param type Type of its elements.
   * @param shape Its shape.
   * @returns The input.
   * @throws {RangeError} If the graph has an input of this name.
   */
  input(name: string, type: DataType, shape: Shape): Value {
    if (this.inputs.some((input) => input.name === name)) {
      throw new RangeError(`Cannot declare input "${name}": the graph has one of that name`);
    }
    const value = { graph: this, name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /**
   * Adds a value that is known when the graph is built.
   *
   * @param type Type of its elements.
   * @param shape Its shape.
   * @param data Its elements, in C order.
   * @param name Public name, for weights; without one, equal small constants are shared.
   * @returns The constant.
   * @throws {RangeError} If the number of elements does not match the shape.
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

  /**
   * Adds a constant whose elements are filled in after encoding, by `fillModel()`.
   *
   * @param type Type of its elements.
   * @param shape Its shape.
   * @param name The name that `fillModel()` finds it by.
   * @returns The constant, without elements.
   */
  placeholder(type: DataType, shape: Shape, name: string): Value {
    const value = { graph: this, name, type, shape };
    this.constants.push(value);
    return value;
  }

  /**
   * Copies a constant of another graph, under the same name.
   *
   * @param constant The constant.
   * @returns The copy.
   * @throws {RangeError} If its number of elements does not fit its shape.
   */
  adopt({ type, shape, constant, name }: Value): Value {
    return constant
      ? this.constant(type, shape, constant, name)
      : this.placeholder(type, shape, name);
  }

  /**
   * Appends an operator and infers the types and shapes of its outputs.
   *
   * @param operator The operator's name.
   * @param inputs The operator's inputs; `null` if an optional input is left out.
   * @param attributes The operator's attributes.
   * @returns The operator's outputs.
   * @throws {TypeError | RangeError} If the operator is unknown or its inputs do not match.
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

  /**
   * Declares a result.
   *
   * @param name The result's public name.
   * @param value A value of this graph.
   * @throws {RangeError} If the graph has an output of this name.
   */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) {
      throw new RangeError(`Cannot declare output "${name}": the graph has one of that name`);
    }
    this.outputs.set(name, value);
  }

  /**
   * Returns the node that computes a value.
   *
   * @param value A value of this graph.
   * @returns The node; undefined for inputs and constants.
   */
  producerOf(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  #freshName(kind: string): string {
    return `${this.prefix}${kind}${this.#count++}`;
  }
}
