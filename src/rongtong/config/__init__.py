"""Config owns how the parts are put together: settings, urls, the application servers, the command line.

It imports every storey and nothing imports it.
"""
