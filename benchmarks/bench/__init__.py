"""`make bench`: this package beside its rivals, which take turns in one run.

The program asks one process for each library, `processes.py`, to make what is compared,
`subjects.py`, and to run it, in turns, `turns.py`. A module for each group of subjects says what
they are and how each rival does them. `table.py` and `chart.py` write what was found.
"""
