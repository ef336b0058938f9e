"""The real servers that tests and developers use, without a container engine.

Started once and left running, shared by every process that asks (`start` is idempotent and waits until ready); jars,
data and state lie in `.servers/`. Only the standard library is needed: `python -m deploy.servers start all`.
"""

from __future__ import annotations

from types import ModuleType

from deploy.servers import chromium, kafka, neo4j, postgres
from deploy.servers.problem import ServerProblem

SERVERS: dict[str, ModuleType] = {module.NAME: module for module in (neo4j, kafka, postgres, chromium)}

__all__ = ["SERVERS", "ServerProblem", "chromium", "kafka", "neo4j", "postgres"]
