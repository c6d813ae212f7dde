"""What every route is given: the reads, the settings, the clock, the cursors."""

from dataclasses import dataclass

from fastapi import Request

from lacuna_core.ports import Clock
from lacuna_core.query import QueryApi
from lacuna_gateway.cursors import Cursors
from lacuna_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all requests of one app.

    Attributes
    ----------
    query : QueryApi
        The reads.
    settings : GatewaySettings
        Limits.
    clock : Clock
        For ages and expiry.
    cursors : Cursors
        Signs and reads cursors.
    """

    query: QueryApi
    settings: GatewaySettings
    clock: Clock
    cursors: Cursors


def context(request: Request) -> Context:
    """Find the context of a request.

    Parameters
    ----------
    request : Request
        Any request of the app.

    Returns
    -------
    Context
        What ``create_app`` made.
    """
    found: Context = request.app.state.context
    return found


def query_api(request: Request) -> QueryApi:
    """Find the reads.

    Parameters
    ----------
    request : Request
        Any request of the app.

    Returns
    -------
    QueryApi
        What ``create_app`` was given.
    """
    return context(request).query
