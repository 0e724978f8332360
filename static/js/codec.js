/**
 * The binary frames of docs/protocol.md: 13 header bytes (type u8, epoch u32, offset u64, big-endian), then payload.
 * Pure functions over bytes; tests/golden/frames.json is what this and the server's codec must agree on.
 */

export const OUTPUT = 0;
export const INPUT = 1;
export const ACK = 2;

export const HEADER_BYTES = 13;
/** Largest payload of each type, in bytes, by type. */
export const MAX_PAYLOAD = Object.freeze([32768, 16384, 0]);

const MAX_EPOCH = 0xffffffff;

/**
 * A frame that breaks the protocol. `reason` is one of
 * short, type, epoch, offset, empty, oversized, payload; the first that applies, in this order.
 */
export class FrameError extends Error {
  constructor(reason, message) {
    super(message);
    this.name = "FrameError";
    this.reason = reason;
  }
}

/** Raises FrameError unless the fields may stand together in one frame. */
function validate(type, epoch, offset, size) {
  if (type !== OUTPUT && type !== INPUT && type !== ACK) {
    throw new FrameError("type", `unknown frame type ${type}`);
  }
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > MAX_EPOCH) {
    throw new FrameError("epoch", `epoch ${epoch} is not between 1 and 2^32 - 1`);
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new FrameError("offset", `offset ${offset} is not between 0 and 2^53 - 1`);
  }
  if (type === ACK) {
    if (size > 0) throw new FrameError("payload", "an acknowledgement has no payload");
  } else if (size === 0) {
    throw new FrameError("empty", "a frame of output or input needs a payload");
  } else if (size > MAX_PAYLOAD[type]) {
    throw new FrameError("oversized", `${size} bytes of payload; at most ${MAX_PAYLOAD[type]} are allowed`);
  }
}

/**
 * One frame as bytes.
 *
 * @param {number} type OUTPUT, INPUT or ACK
 * @param {number} epoch 1 to 2^32 - 1
 * @param {number} offset 0 to 2^53 - 1
 * @param {Uint8Array} [payload]
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {FrameError}
 */
export function encode(type, epoch, offset, payload = new Uint8Array(0)) {
  validate(type, epoch, offset, payload.length);
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  const header = new DataView(frame.buffer);
  header.setUint8(0, type);
  header.setUint32(1, epoch);
  header.setBigUint64(5, BigInt(offset));
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * The fields of one frame. The payload is a view of the given bytes, not a copy.
 *
 * @param {ArrayBuffer | Uint8Array} data
 * @returns {{type: number, epoch: number, offset: number, payload: Uint8Array}}
 * @throws {FrameError}
 */
export function decode(data) {
  const frame = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (frame.length < HEADER_BYTES) {
    throw new FrameError("short", `${frame.length} bytes; a frame has at least ${HEADER_BYTES}`);
  }
  const header = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  const type = header.getUint8(0);
  const epoch = header.getUint32(1);
  const offset = Number(header.getBigUint64(5)); // 2^53 and above stay above when rounded, and are refused
  const payload = frame.subarray(HEADER_BYTES);
  validate(type, epoch, offset, payload.length);
  return { type, epoch, offset, payload };
}
