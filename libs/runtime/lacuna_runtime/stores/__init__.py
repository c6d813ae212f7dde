"""Stores: tracks, events and what is derived from them, embedded or distributed."""
