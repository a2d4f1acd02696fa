"""What is said of settings that cannot be meant."""


class ConfigError(Exception):
    """Settings that cannot be meant; the message names the file or variable, the key and the fix."""
