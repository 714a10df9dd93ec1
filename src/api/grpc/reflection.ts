/** The reflection services, made from the generated descriptors: no proto files are needed where this runs. */
import { toBinary, type DescFile } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** What reflection reads of a package: the descriptors of its files. */
function definitionOf(files: readonly DescFile[]): MessageTypeDefinition<object, object> {
  const unused = (): never => {
    throw new Error('descriptors for reflection alone');
  };
  return {
    format: 'Protocol Buffer 3 DescriptorProto',
    type: {},
    fileDescriptorProtos: files.map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto))),
    serialize: unused,
    deserialize: unused,
  };
}

export function reflectionOf(files: readonly DescFile[]): ReflectionService {
  return new ReflectionService({ files: definitionOf(files) });
}
