from calls import call_anthropic, call_openai, tracing

provider = tracing()
from openinference.instrumentation import using_attributes
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from openinference.instrumentation.openai import OpenAIInstrumentor

OpenAIInstrumentor().instrument()
AnthropicInstrumentor().instrument()
with using_attributes(user_id="u-1", session_id="s-1", metadata={"customer": "acme"}):
    call_openai()
    call_anthropic()
provider.shutdown()
