"""Trainings that start from word vectors."""
