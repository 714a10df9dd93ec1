import { MetricReader } from '@opentelemetry/sdk-metrics';

/** Reads when asked to; `/metrics` is served from it. */
export class PullReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}
