"""An episode played back from its trace, and told in words."""
