from calls import call_anthropic, call_openai, tracing

provider = tracing()
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

OpenAIInstrumentor().instrument()
AnthropicInstrumentor().instrument()
call_openai()
call_anthropic()
provider.shutdown()
