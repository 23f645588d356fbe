"""The first version. Fields may be added; none changes its meaning or goes away."""
