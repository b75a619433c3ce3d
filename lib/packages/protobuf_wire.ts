/** Protobuf's wire format, for small messages of other programs that need no generated code. */

export { BinaryWriter } from "npm:@bufbuild/protobuf@2.17.0/wire";
