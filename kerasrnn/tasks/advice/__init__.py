"""What a training says before it begins of settings that do not suit its data."""
