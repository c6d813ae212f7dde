"""Steps of the distributed schema, one file each; numbers as in the embedded one."""
