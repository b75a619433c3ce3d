/** What generated code needs from `protobuf.ts`'s package. */

export {
  enumDesc,
  fileDesc,
  type GenEnum,
  type GenFile,
  type GenMessage,
  messageDesc,
} from "npm:@bufbuild/protobuf@2.17.0/codegenv2";
