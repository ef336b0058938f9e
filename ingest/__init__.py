"""Arrival of facts: formats, loaders, the simulator."""
