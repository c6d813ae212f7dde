"""Numba kernels of Lacuna: arrays in, arrays out."""
