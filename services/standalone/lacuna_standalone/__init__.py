"""Every stage in one process, and the lacuna command."""
