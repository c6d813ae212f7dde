"""The parts of the loop: what a stage does with records before and after its fold."""
