"""From token streams to trained weights: the schedule, the loop, the recipe."""
