"""Cypher statements as data: catalogue, lint, paths, link-analysis jobs."""
