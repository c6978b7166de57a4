// A realtime session, as its server would drive it.
import { OpenAIRealtimeEmitter } from 'openai/realtime/internal-base';
import { drive } from './session.cjs';

drive(OpenAIRealtimeEmitter);
