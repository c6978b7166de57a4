const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

exports.drive = (Emitter) => {
  const session = new Emitter();
  session.url = new URL('wss://api.openai.com/v1/realtime?model=gpt-realtime');
  session.on('event', () => undefined);
  session._emit('event', { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } });
  session._emit('event', { type: 'response.done', response: { id: 'resp_1', status: 'completed', usage } });
};

if (require.main === module) {
  exports.drive(require('openai/realtime/internal-base').OpenAIRealtimeEmitter);
}
