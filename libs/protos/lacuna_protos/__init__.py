"""Generated protobuf modules of Lacuna."""
