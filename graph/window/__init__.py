"""The hot window: an in-memory temporal multigraph that answers features and new-edge patterns."""
