"""The rules of the house itself: packaging, configuration, servers."""
