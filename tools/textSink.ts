import { Writable } from "node:stream";

/** A stream that keeps what is written to it. */
export class TextSink extends Writable {
  text = "";

  /** @param onText sees what is written, as it comes */
  constructor(private readonly onText: (text: string) => void = () => undefined) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.onText(chunk.toString());
    done();
  }
}
