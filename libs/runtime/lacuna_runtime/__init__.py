"""Stage loop, bus, stores, codec, settings, wiring."""
