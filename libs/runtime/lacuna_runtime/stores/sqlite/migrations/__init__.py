"""Numbered forward-only schema steps, one file each."""
