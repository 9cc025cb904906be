"""What was predicted, against what is true."""
