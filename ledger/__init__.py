"""Operational records with a workflow: decisions, rings as answered, set-aside rows, labels, jobs, reports."""

from ledger.ledger import Ledger
from ledger.paging import Page
from ledger.records import JobRun, JobStatus, ReportMade, Summary

__all__ = ["JobRun", "JobStatus", "Ledger", "Page", "ReportMade", "Summary"]
