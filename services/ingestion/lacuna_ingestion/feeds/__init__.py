"""Formats, one file each; a module here with an attribute ``FEED`` is found by the catalog."""
