/** `costspan/receiver`: spans of other processes and languages, over OTLP. */
import './base/check-node.ts';
export { createOtlpReceiver, type OtlpReceiver, type ReceiverHealth } from './receiver/receiver.ts';
export type { OtlpReceiverOptions } from './receiver/receiver-options.ts';
