"""Cells that are linear in their state: gates and candidates come from the inputs alone."""
