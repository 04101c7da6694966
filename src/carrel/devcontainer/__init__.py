"""The repository's files in, a build plan and a container spec out."""
