"""The calls that every instrumentation of the Python SDKs is recorded with."""
import os

URL = os.environ["PROVIDER_URL"]
MESSAGES = [{"role": "user", "content": "hi"}]


def call_openai():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/v1", api_key="k")
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    stream = client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    client.responses.create(model="gpt-4o", input="hi")
    client.embeddings.create(model="text-embedding-3-small", input="hi")


def call_anthropic():
    import anthropic

    client = anthropic.Anthropic(base_url=URL, api_key="k")
    request = {"model": "claude-sonnet-4-6", "max_tokens": 100, "messages": MESSAGES}
    client.messages.create(**request)
    for _ in client.messages.create(**request, stream=True):
        pass


def tracing():
    """A tracer provider that exports over OTLP to where the environment says."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider
