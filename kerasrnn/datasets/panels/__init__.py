"""Panels: one or several series of numbers on the same clock, their parts and windows."""
