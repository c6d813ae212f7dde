"""The codec: every record value of the log to and from messages; refuses what is not whole."""

from lacuna_runtime.codec.envelope import FORMAT, MAX_VALUE_BYTES, Origin, decode, encode
from lacuna_runtime.codec.split import split, split_written

__all__ = ["FORMAT", "MAX_VALUE_BYTES", "Origin", "decode", "encode", "split", "split_written"]
