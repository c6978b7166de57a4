from calls import call_anthropic, call_openai
import openlit

openlit.init(disable_metrics=True, disable_batch=True, capture_message_content=False)
call_openai()
call_anthropic()
from opentelemetry import trace

trace.get_tracer_provider().shutdown()
