"""Layers of models that tell a right answer from drawn ones."""
