"""Detectors: one file a kind, found by ``lacuna_detection.catalog``."""
