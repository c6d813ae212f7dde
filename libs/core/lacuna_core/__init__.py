"""Words and ports of Lacuna: units, ids, batches, events, topics. Imports numpy and the standard library."""
