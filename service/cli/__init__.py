"""The command line: a module a group of commands; app.py is the way in."""
