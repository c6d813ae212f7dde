"""Telemetry that is off costs nothing: nothing imported, nothing kept."""

import subprocess
import sys
import tracemalloc

from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import OFF, Reading, Telemetry
from lacuna_runtime.telemetry.setup import start_telemetry

HEADERS = ((("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),),)
_IMPORT = """
import sys
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry import watch
from lacuna_runtime.telemetry.api import OFF
from lacuna_runtime.telemetry.setup import start_telemetry
import lacuna_runtime.stage, lacuna_runtime.sink_loop
assert start_telemetry(TelemetrySettings(), "detection", "a") is OFF
tops = {name.split(".")[0] for name in sys.modules}
print(sorted(tops & {"opentelemetry", "prometheus_client", "requests", "grpc"}))
"""


def test_no_module_of_the_sdk_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_everything_can_be_asked_of_it_and_nothing_comes() -> None:
    telemetry: Telemetry = start_telemetry(TelemetrySettings(), "detection", "a")
    asked: list[str] = []

    def read() -> list[Reading]:
        asked.append("read")
        return []

    stop = telemetry.gauge(names.PENDING_ROWS, read)
    with telemetry.batch("facts", HEADERS) as span, telemetry.span(names.RESTORE, "facts") as inner:
        assert telemetry.inject() == ()
        with span.current():
            inner.note({"stage": "facts"})
        span.end("twice is fine")
    stop()
    assert asked == []
    assert telemetry.scrape() is None
    assert telemetry.shutdown(1.0)
    assert not telemetry.on


def test_nothing_is_kept() -> None:
    def tell(times: int) -> None:
        for _ in range(times):
            with OFF.batch("facts", HEADERS):
                OFF.count(names.ROWS_IN, 7)
                OFF.observe(names.CYCLE_SECONDS, 0.5)
                OFF.inject()

    tell(100)
    tracemalloc.start()
    before = tracemalloc.take_snapshot()
    tell(10_000)
    after = tracemalloc.take_snapshot()
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = [s for s in after.compare_to(before, "filename") if "telemetry/api" in s.traceback[0].filename]
    assert sum(s.size_diff for s in kept) == 0
    assert peak_bytes < 200_000
