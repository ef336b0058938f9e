"""The feature registry's groups, each filled by one kernel in the order written here."""
