/**
 * RecommendResponse as bytes. Written by hand for answers without explanation: the library's create and toBinary take twice
 * as long (docs/DECISIONS.md), and a test holds the two equal.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { RecommendResponseSchema } from '../../gen/segue/v1/recommend_pb.js';
import type { Item, RecommendResponse } from '../../recommend/types.js';

function text(writer: BinaryWriter, field: number, value: string): void {
  if (value !== '') writer.tag(field, WireType.LengthDelimited).string(value);
}

function whole(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).uint32(value);
}

function double(writer: BinaryWriter, field: number, value: number): void {
  if (!Object.is(value, 0)) writer.tag(field, WireType.Bit64).double(value);
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function item(writer: BinaryWriter, { trackId, position, score, sources, promotion }: Item): void {
  text(writer, 1, trackId);
  whole(writer, 2, position);
  if (!Object.is(score, 0)) writer.tag(3, WireType.Bit32).float(score);
  for (const source of sources) writer.tag(4, WireType.LengthDelimited).string(source);
  if (promotion !== undefined) {
    message(writer, 5, () => {
      text(writer, 1, promotion.campaignId);
    });
  }
}

function serving(writer: BinaryWriter, response: RecommendResponse): void {
  const { variant, ranker, generation, degradation, cache, budgetMs, elapsedMs, stages } = response.serving;
  text(writer, 1, variant);
  text(writer, 2, ranker);
  text(writer, 3, generation);
  message(writer, 4, () => {
    text(writer, 1, degradation.level);
    for (const { stage, cause, detail } of degradation.reasons) {
      message(writer, 2, () => {
        text(writer, 1, stage);
        text(writer, 2, cause);
        text(writer, 3, detail);
      });
    }
  });
  text(writer, 5, cache);
  double(writer, 6, budgetMs);
  double(writer, 7, elapsedMs);
  for (const report of stages) {
    message(writer, 8, () => {
      text(writer, 1, report.stage);
      double(writer, 2, report.ms);
      whole(writer, 3, report.in);
      whole(writer, 4, report.out);
    });
  }
}

function plain(response: RecommendResponse): Uint8Array {
  const writer = new BinaryWriter();
  text(writer, 1, response.requestId);
  for (const one of response.items) {
    message(writer, 2, () => {
      item(writer, one);
    });
  }
  message(writer, 3, () => {
    serving(writer, response);
  });
  return writer.finish();
}

function explained(response: RecommendResponse): Uint8Array {
  const { requestId, items, serving: about, explanation } = response;
  const { degradation, stages } = about;
  const full = create(RecommendResponseSchema, {
    requestId,
    items: items.map(({ sources, explanation: why, ...rest }) => ({
      ...rest,
      sources: [...sources],
      ...(why !== undefined && { explanation: { ...why, sources: [...why.sources] } }),
    })),
    serving: {
      ...about,
      degradation: { level: degradation.level, reasons: [...degradation.reasons] },
      stages: [...stages],
    },
    ...(explanation !== undefined && {
      explanation: {
        filters: explanation.filters.map(({ filter, removed, trackIds }) => ({
          filter,
          removed,
          trackIds: [...trackIds],
        })),
      },
    }),
  });
  return toBinary(RecommendResponseSchema, full);
}

export function encodeRecommendResponse(response: RecommendResponse): Uint8Array {
  const isPlain = response.explanation === undefined && response.items.every((one) => one.explanation === undefined);
  return isPlain ? plain(response) : explained(response);
}

/** By the library alone, to hold the two equal. */
export { explained as encodeByLibrary };
