"""Basin packs, MID and ship-type tables, airports."""
