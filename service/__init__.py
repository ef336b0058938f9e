"""Processes: settings, wiring, command line."""
