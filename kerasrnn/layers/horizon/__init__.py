"""Layers of forecasters: patches of a window, all steps of a horizon at once, quantiles."""
