"""From where a training goes on: the states that it saves, and being asked to stop."""
