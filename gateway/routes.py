"""Which service owns a resource: the first two segments of a path, and the name of the service behind them.

What an operator sees of a service lies under its name, `/v1/services/inventory`: there it is the first three.
"""

ROUTES: dict[str, str] = {
    "/v1/activity-types": "factors",
    "/v1/datasets": "factors",
    "/v1/estimates": "factors",
    "/v1/factor-resolutions": "factors",
    "/v1/factors": "factors",
    "/v1/gwp-sets": "factors",
    "/v1/unit-conversions": "factors",
    "/v1/units": "factors",
    "/v1/activities": "inventory",
    "/v1/entities": "inventory",
    "/v1/factor-updates": "inventory",
    "/v1/inventories": "inventory",
    "/v1/sites": "inventory",
    "/v1/source-systems": "inventory",
    "/v1/emissions": "reporting",
    "/v1/reports": "reporting",
}
ROUTES |= {f"/v1/services/{name}": name for name in sorted(set(ROUTES.values()))}


def resource_of(path: str) -> str:
    """The part of a path by which it is routed: `/v1/activities` of `/v1/activities/batch`."""
    first = path.find("/", 1)
    end = path.find("/", first + 1)
    if path.startswith("/v1/services/"):
        end = path.find("/", end + 1)
    return path if first == -1 or end == -1 else path[:end]
