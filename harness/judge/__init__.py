"""Prompt -> Completion: every way of asking a judge."""
