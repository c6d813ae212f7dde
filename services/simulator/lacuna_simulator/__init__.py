"""A world with planted truth that emits real feed formats."""
