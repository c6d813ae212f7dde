"""What the processes tell about themselves: spans a batch, never a position; metrics; nothing when off."""
