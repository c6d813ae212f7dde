"""A world with planted truth that emits real feed formats.

>>> from lacuna_simulator.simulation import simulate  # doctest: +SKIP
"""
