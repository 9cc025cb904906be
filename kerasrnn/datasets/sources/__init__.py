"""Where raw examples come from: a name of a data set, files and folders, values in Python."""
