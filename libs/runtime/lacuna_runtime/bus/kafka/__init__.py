"""The log on Kafka."""

from lacuna_runtime.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
