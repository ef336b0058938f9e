"""Measurements: each beside a rival in the same run, answers checked first."""
