"""From raw examples of each kind to encoded ones."""
