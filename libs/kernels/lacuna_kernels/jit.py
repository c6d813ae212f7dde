"""The only place where numba is imported and its flags are set.

No fastmath and no parallel reductions: a kernel that decides must give the same bits on every run.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function over arrays: no Python objects, no GIL, cached on disk.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, arrays and scalars out.

    Returns
    -------
    callable
        The compiled function, typed as the original.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))


def inline(function: F) -> F:
    """Compile a small function that other kernels call.

    Parameters
    ----------
    function : callable
        Scalars in, scalars out.

    Returns
    -------
    callable
        The compiled function, inlined by LLVM where that pays.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))
