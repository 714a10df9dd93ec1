/** What the program that reads from Bigtable is told and tells. */

export interface BigtableOptions {
  readonly client: 'ours' | 'plain';
  readonly emulatorHost: string;
  readonly projectId: string;
  readonly instanceId: string;
  readonly bodies: readonly string[];
  readonly requests: number;
  readonly inFlight: number;
}

export interface BigtableReport {
  /** Of the client's process. */
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
}
