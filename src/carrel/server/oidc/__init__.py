"""Signing in through an identity provider (OpenID Connect): what it says, and what that is worth (ADR 0034)."""
