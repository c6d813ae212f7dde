"""The OpenAPI document: complete, and true of what is served."""

from typing import Any

import pytest

from lacuna_gateway import schemas
from lacuna_gateway.app import routers
from tests.contract.store_samples import event
from tests.unit.gateway.world import Client


def operations(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.json("/openapi.json")["paths"]
    return [(path, method, found) for path, item in paths.items() for method, found in item.items()]


def resolve(document: dict[str, Any], pointer: str) -> Any:
    found: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def test_it_is_3_1_and_every_reference_leads_somewhere(client: Client) -> None:
    document = client.json("/openapi.json")
    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        assert resolve(document, reference)


def test_every_route_is_documented(client: Client) -> None:
    documented = {(path, method.upper()) for path, method, _ in operations(client)}
    served = {
        (route.path, method)  # type: ignore[attr-defined]  # all of them are API routes
        for router in routers()
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert served == documented


def test_every_operation_says_what_it_answers_with_an_example(client: Client) -> None:
    for path, method, found in operations(client):
        where = f"{method} {path}"
        assert found["summary"], where
        assert found["description"], where
        assert {"200", "422", "500"} <= set(found["responses"]), where
        for status, response in found["responses"].items():
            if status == "304":
                continue
            for media_type, content in response["content"].items():
                assert content["schema"], where
                assert content["example"], f"{where} {status} {media_type}"
                assert (media_type == "application/problem+json") == (status != "200"), where


def test_every_parameter_has_a_description_or_an_example(client: Client) -> None:
    silent = [
        f"{path} {p['name']}"
        for path, _, found in operations(client)
        for p in found.get("parameters", ())
        if p["in"] == "query" and not (p.get("description") or p["schema"].get("examples"))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/vessels", schemas.VesselPage),
        ("/v1/vessels/273123456", schemas.VesselDetail),
        ("/v1/aircraft", schemas.AircraftPage),
        ("/v1/aircraft/731821", schemas.AircraftDetail),
        ("/v1/tracks/mmsi:273123456", schemas.Track),
        ("/v1/tracks/icao24:731821?shape=points", schemas.Track),
        ("/v1/events", schemas.EventPage),
        (f"/v1/events/{event(1).event_id}", schemas.Event),
        (f"/v1/events/{event(1).event_id}/revisions", schemas.EventRevisions),
        ("/v1/trips", schemas.EventPage),
        ("/v1/trips/count", schemas.TripCount),
        ("/v1/alerts", schemas.AlertPage),
        ("/v1/statistics", schemas.Statistics),
        ("/v1/correlations", schemas.EventPage),
        ("/v1/status", schemas.Status),
        ("/livez", schemas.Health),
        ("/problems", schemas.ProblemPages),
        ("/problems/not-found", schemas.ProblemPage),
    ],
)
def test_answers_are_as_documented(client: Client, path: str, model: type[Any]) -> None:
    body = client.json(path)
    parsed = model.model_validate(body, extra="forbid")
    assert parsed.model_dump(by_alias=True, exclude_unset=True) == body


def test_examples_are_as_documented() -> None:
    for name in dir(schemas):
        model = getattr(schemas, name)
        extra = getattr(model, "model_config", {}).get("json_schema_extra")
        if isinstance(extra, dict):
            model.model_validate(extra["example"], extra="forbid")
