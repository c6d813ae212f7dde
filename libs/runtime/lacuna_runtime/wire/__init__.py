"""The wire format, piece by piece; ``lacuna_runtime.codec`` is its front door."""
