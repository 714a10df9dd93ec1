import { RecommendRequestSchema } from '../../gen/segue/v1/recommend_pb.js';
import { openApiDocument } from './document.js';
import type { JsonSchema } from './schema.js';

const document = openApiDocument();

/** Every reference in a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) =>
    name === '$ref' && typeof below === 'string' ? [below] : references(below),
  );
}

it('has the fields of the protos with their comments', () => {
  const request: JsonSchema = document.components.schemas.RecommendRequest;
  expect(Object.keys(request.properties ?? {})).toEqual(RecommendRequestSchema.fields.map((field) => field.jsonName));
  expect(request.required).toEqual(['listenerId', 'surface']);
  expect(request.properties?.limit).toMatchObject({ type: 'integer', format: 'uint32' });
  expect(request.properties?.limit.description).toContain('1 to 200');
});

it('refers to nothing that it does not have', () => {
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  const used = references(document);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((reference) => !known.includes(reference))).toEqual([]);
});

it('describes every message field', () => {
  const recommend = document.paths['/v1/recommend'].post;
  expect(recommend.description).toMatch(/ordered slate/);
  expect(Object.keys(recommend.responses)).toEqual(
    expect.arrayContaining(['200', '400', '401', '413', '429', '503', '504']),
  );
  expect(recommend.responses['429'].headers).toHaveProperty('retry-after');
  expect(recommend.parameters?.map(({ name }) => name)).toEqual(['segue-deadline']);
});
