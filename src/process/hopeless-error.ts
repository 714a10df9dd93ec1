/** A start that would fail the same way again, until a person changes something; the message is for that person. */
export class HopelessError extends Error {
  override readonly name = 'HopelessError';
}
