import { receiptHandleIsInvalid } from "./errors";

/** What a receipt handle stands for: one receive of one message of one queue. */
export interface Receipt {
  readonly queue: string;
  /** The message's row in the store. */
  readonly seq: number;
  readonly messageId: string;
  /** How often the message had been received, this receive included: tells an old handle from the latest. */
  readonly receives: number;
}

const FORM = /^v1:([^:]+):(\d+):([0-9a-f-]{36}):(\d+)$/;

export function formatReceiptHandle(receipt: Receipt): string {
  const text = `v1:${receipt.queue}:${receipt.seq}:${receipt.messageId}:${receipt.receives}`;
  return Buffer.from(text, "latin1").toString("base64");
}

/** @throws AwsError `ReceiptHandleIsInvalid` when the text is no handle, or one of another queue */
export function parseReceiptHandle(handle: string, queue: string): Receipt {
  const [, name, seq, messageId, receives] =
    FORM.exec(Buffer.from(handle, "base64").toString("latin1")) ?? [];
  if (name !== queue || messageId === undefined) throw receiptHandleIsInvalid(handle);
  return { queue, seq: Number(seq), messageId, receives: Number(receives) };
}
