"""Factories of forecasters: numbers of a window in, numbers of a horizon out."""
