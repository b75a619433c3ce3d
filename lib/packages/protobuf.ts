/** ONNX's protobuf messages: typed, and 100 MB of weights are encoded in 0.1 s. */

export { create, fromBinary, type Message, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
