"""The only place where numba is imported and its flags are set.

No fastmath and no parallel reductions: a kernel that decides must give the same bits on every run.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])
_LEAN: dict[str, Any] = {"_nrt": False}


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


def lean_kernel(function: F) -> F:
    """Compile a function over arrays that allocates nothing: arrays are borrowed, never reference-counted.

    Reference counting costs atomic operations at every call that LLVM doesn't inline; a kernel that calls a
    dozen functions a row spends most of its time in them.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, scalars out; it writes only into arrays that it was given.

    Returns
    -------
    callable
        The compiled function, typed as the original.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False, **_LEAN)(function))


def lean_inline(function: F) -> F:
    """Compile a small function for lean kernels.

    Parameters
    ----------
    function : callable
        Arrays and scalars in, scalars out; it allocates nothing.

    Returns
    -------
    callable
        The compiled function.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False, **_LEAN)(function))
