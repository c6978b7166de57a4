from calls import URL, tracing

provider = tracing()
from pydantic_ai import Agent, InstrumentationSettings
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

capabilities = [Instrumentation(InstrumentationSettings(tracer_provider=provider))]
openai = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=f"{URL}/v1", api_key="k"))
agent = Agent(openai, capabilities=capabilities)


@agent.tool_plain
def weather() -> str:
    return "sunny"


agent.run_sync("hi")
import anthropic

client = anthropic.AsyncAnthropic(base_url=URL, api_key="k")
Agent(AnthropicModel("claude-sonnet-4-6", provider=AnthropicProvider(anthropic_client=client)), capabilities=capabilities).run_sync("hi")
provider.shutdown()
