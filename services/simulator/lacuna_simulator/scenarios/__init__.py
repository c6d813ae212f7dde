"""Worlds, one file each."""
