"""Where the files that pages load lie: our own, and those that installed packages ship. Nothing comes from outside.

Packages are located without importing them (one of them would want Django).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from graph.errors import ConfigurationError

#: address -> (package, folder in it, a file that must be there); docs/adr/0009 says why these.
SHIPPED = {
    "/static/vis": ("pyvis", "templates/lib/vis-9.1.2", "vis-network.min.js"),
    "/static/swagger": ("fastapi_offline", "static", "swagger-ui-bundle.js"),
    "/static/graphiql": (
        "graphene_django_graphiql_static",
        "static/graphene_django_graphiql_static",
        "graphiql.min.js",
    ),
}


def mount(app: FastAPI) -> None:
    """Serve every file that pages load; raise `ConfigurationError` when a package does not hold what it should."""
    app.mount("/static/app", StaticFiles(directory=Path(__file__).parent / "static"))
    for address, (package, folder, proof) in SHIPPED.items():
        app.mount(address, StaticFiles(directory=package_folder(package, folder, proof)))


def package_folder(package: str, folder: str, proof: str) -> Path:
    """The folder inside an installed package; raise `ConfigurationError` when it lacks `proof`."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ConfigurationError(f"the package {package} is not installed", cure="run make setup")
    found = Path(spec.origin).parent / folder
    if not (found / proof).is_file():
        raise ConfigurationError(
            f"the package {package} has no {folder}/{proof}", cure="install the version that constraints.txt names"
        )
    return found
