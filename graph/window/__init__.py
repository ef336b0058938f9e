"""The hot window: an in-memory temporal multigraph that answers features and new-edge patterns."""

from graph.window.compiled import cache_by_content

cache_by_content()
