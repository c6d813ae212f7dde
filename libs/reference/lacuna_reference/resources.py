"""Where the data of this package lies, whether it is installed or in a checkout."""

import csv
from importlib.resources import files
from importlib.resources.abc import Traversable


def data_root() -> Traversable:
    """Find the data folder.

    Returns
    -------
    Traversable
        Its root.
    """
    return files("lacuna_reference") / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """Read a CSV table of the data folder.

    Parameters
    ----------
    name : str
        File name.

    Returns
    -------
    list of dict
        Rows by column name.
    """
    return list(csv.DictReader(data_root().joinpath(name).read_text("utf-8").splitlines()))
