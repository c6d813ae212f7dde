"""Encounter: two craft within 500 m of each other for at least two hours of slots, slow, away from ports.

Rules and defaults of Global Fishing Watch (pipe-encounters): 10-minute slots within ``radius_m``, at least
``min_contact_h`` of them, pauses under ``max_pause_h`` merged, median speed under ``max_median_speed_kn``,
contacts nearer than ``port_distance_m`` to an anchorage left out (switch ``exclude_near_port`` off where a
basin's transfers happen in its roads). It says that two transponders were near and slow; it does not say
that cargo moved.

A contact counts at the slot's start plus ``CONTACT_DELAY_MS``, when the contacts fold can know it; that is
the ``as_of`` of what it causes. A run opens when the rules are first met and closes ``max_pause_h`` after
its last contact (plus that delay); if the rules no longer hold over the whole run it is retracted instead.

How to drive it (the assess fold does)::

    state = DETECTOR.initial()
    facts = DETECTOR.step(state, rows.contacts, until_ms, DETECTOR.Params(), anchorages)  # state changes in place
    snapshot = DETECTOR.dump(state)       # dict of arrays
    state = DETECTOR.load(snapshot)

with ``anchorages = lacuna_detection.anchorages.anchorages_of(basins)``. ``facts`` is a list of ``Fact`` sorted
canonically. ``detail`` is a JSON object: ``slots`` (count in contact), ``contact_h``, ``median_speed_kn`` (null
when no speed is known), ``min_distance_m``, ``mean_lat_deg``, ``mean_lon_deg``, ``nearest_port`` (port id or null) and
``port_distance_nm`` (null beyond 60 nm or without ports).
"""
