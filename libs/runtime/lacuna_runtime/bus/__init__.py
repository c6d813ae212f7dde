"""Adapters of the log: one file each."""
