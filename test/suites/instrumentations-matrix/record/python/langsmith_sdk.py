import os

os.environ["LANGSMITH_TRACING"] = "true"
os.environ["LANGSMITH_OTEL_ENABLED"] = "true"
os.environ["LANGSMITH_OTEL_ONLY"] = "true"
os.environ["LANGSMITH_API_KEY"] = "k"
from calls import URL, MESSAGES, tracing

provider = tracing()
import openai
from langsmith import Client, traceable
from langsmith.wrappers import wrap_openai

langsmith = Client(tracing_mode="otel")
client = wrap_openai(openai.OpenAI(base_url=f"{URL}/v1", api_key="k"), tracing_extra={"client": langsmith})


@traceable(client=langsmith, metadata={"customer": "acme"})
def answer():
    client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    for _ in client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    ):
        pass
    client.responses.create(model="gpt-4o", input="hi")


answer()
langsmith.flush()
provider.shutdown()
