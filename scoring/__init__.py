"""Signals of a transaction, their combination into a score and a decision, and the pipeline that runs them."""
