import os

os.environ["LOGFIRE_SEND_TO_LOGFIRE"] = "false"
import logfire
from calls import call_anthropic, call_openai
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
exporter = OTLPSpanExporter(endpoint=os.environ["RECORDER_URL"] + "/v1/traces")
logfire.configure(
    send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(exporter)], inspect_arguments=False
)
logfire.instrument_openai()
logfire.instrument_anthropic()
call_openai()
call_anthropic()
logfire.shutdown()
