"""Aircraft, their flights, and the ADS-B traces that result."""
