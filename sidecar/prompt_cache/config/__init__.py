"""Settings: from a YAML file and the environment, checked whole before anything starts."""
