"""What is counted of an evaluation, piece by piece, such that the pieces of processes add up."""
