"""Operator, ring and gang-link reports: evidence to record to JSON, HTML and PDF."""
