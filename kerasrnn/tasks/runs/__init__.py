"""What the folders of runs say, and how runs compare; the training itself is not read here."""
