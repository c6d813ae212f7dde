"""Silences, visits, meetings, dark port calls."""
