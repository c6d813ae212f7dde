"""Ships, ports, receivers, and the AIS feed that results."""
