"""Predictions and evaluations in shards, which several processes, or machines, do."""
