"""One file a resource; each holds one ``router``. Adding one edits no other."""
