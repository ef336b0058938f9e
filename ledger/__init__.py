"""Operational records with a workflow: decisions, rings as answered, set-aside rows, labels, jobs, reports."""
