"""The embedded data sets, which need no network."""
