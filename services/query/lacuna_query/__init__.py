"""The one writer of the stores, and the reads."""
