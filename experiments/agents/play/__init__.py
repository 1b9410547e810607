"""Sessions played by a model, a program or a person, and contests over seeds."""
