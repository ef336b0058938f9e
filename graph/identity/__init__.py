"""Canonical forms of identifiers and their keyed hashes."""
