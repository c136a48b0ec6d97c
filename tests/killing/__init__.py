"""The sender, killed between every two of its steps; `make kills` plays many seeds."""
