"""How the storybook bundle was made: the world, the trainers, the evaluation."""
