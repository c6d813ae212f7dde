"""Feeds in, positions out."""
