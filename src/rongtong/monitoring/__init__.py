"""Monitoring owns early warning: signals over fresh records, their levels, tasks with deadlines, dispositions.

It imports servicing and everything below; it publishes `facade` and `contracts`. What an alarm does to a limit is
decided in workflows.
"""
