"""What is wrong with the input, in words for whoever runs the command."""


class Problem(Exception):
    """Names the file or option, what was given and what is allowed."""
