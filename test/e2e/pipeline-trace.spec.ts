import { STAGES } from '../../src/recommend/types.js';
import { startOtlpReceiver, type OtlpReceiver } from '../otlp-receiver.js';
import { startService, type Service } from '../service.js';
import { recommend } from './clients.js';

describe('the trace of one request', () => {
  let receiver: OtlpReceiver;
  let service: Service;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    service = await startService({
      SEGUE_CACHE: 'off',
      SEGUE_PROCESSES: '1',
      SEGUE_TRACE_SAMPLE_RATIO: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '10',
    });
  });

  afterAll(async () => {
    await service.stop();
    await receiver.close();
  });

  it('has the root and every stage in order, with the counts of the answer', async () => {
    const request = { listenerId: 'l00042', surface: 'now-playing', requestId: 'traced', budgetMs: 2000 };
    const slate = await recommend(service, request);
    const { root, stages } = await receiver.until(() => {
      const found = receiver.spans.find((span) => span.attributes['segue.request.id'] === 'traced');
      const children = receiver.spans.filter((span) => span.parentSpanId === found?.spanId);
      children.sort((a, b) => Number(a.startNs - b.startNs));
      return found === undefined || children.length < STAGES.length ? undefined : { root: found, stages: children };
    });
    expect(root.name).toBe('recommend');
    expect(stages.map(({ name }) => name)).toEqual([...STAGES]);
    const counts = stages.slice(0, -1).map(({ name, attributes }) => ({
      stage: name,
      in: attributes['segue.stage.in'],
      out: attributes['segue.stage.out'],
    }));
    expect(counts).toEqual(slate.serving.stages.map((stage) => ({ stage: stage.stage, in: stage.in, out: stage.out })));
    // Each stage of the way takes what the one before gave.
    const outOf = (name: string): unknown => counts.find(({ stage }) => stage === name)?.out;
    for (const [before, stage] of [
      ['retrieve', 'filter'],
      ['filter', 'rank'],
      ['rank', 'sequence'],
      ['sequence', 'blend'],
      ['blend', 'respond'],
    ]) {
      expect(counts.find((count) => count.stage === stage)?.in).toBe(outOf(before));
    }
  });
});
