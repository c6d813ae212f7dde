"""Legs, trips, coincidence statistics, alerts."""
