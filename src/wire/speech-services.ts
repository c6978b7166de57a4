import { count, known, object, text } from '../base/read.ts';
import { readSpeech, readSpeechRequest } from './openai/audio.ts';
import type { Endpoint, Reading } from './reading.ts';
import { has, type Wire } from './wire.ts';

/** Deepgram: seconds heard, per channel when the channels are transcribed apart; characters spoken. */
export const deepgramEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/listen', operation: 'transcription', readResponse: readDeepgram },
  {
    method: 'POST',
    path: '/speak',
    operation: 'speech',
    readRequest: readSpeechRequest,
    readResponse: readSpeech,
  },
];

/** ElevenLabs: characters spoken. */
export const elevenLabsEndpoints: readonly Endpoint[] = ['', '/stream', '/with-timestamps'].map((end) => ({
  method: 'POST',
  path: `/text-to-speech/{voice}${end}`,
  operation: 'speech',
  readRequest: readSpeechRequest,
  readResponse: readSpeech,
}));

export function readDeepgram(body: unknown): Reading {
  const metadata = object(object(body)?.metadata);
  const seconds = count(metadata?.duration);
  const channels = count(metadata?.channels) ?? 1;
  const model = Object.values(object(metadata?.model_info) ?? {}).flatMap(
    (info) => text(object(info)?.name) ?? [],
  )[0];
  return known({
    responseId: text(metadata?.request_id),
    responseModel: model,
    usage: seconds === undefined ? undefined : { inputAudioSeconds: seconds * channels },
    usageRaw:
      seconds === undefined
        ? undefined
        : known({ duration: metadata?.duration, channels: metadata?.channels }),
  });
}

export const deepgramWire: Wire = {
  name: 'deepgram',
  endpoints: deepgramEndpoints,
  shapes: [{ path: '/listen', fits: (reply) => has(object(reply.metadata), 'duration') }],
};

export const elevenLabsWire: Wire = { name: 'elevenlabs', endpoints: elevenLabsEndpoints };
