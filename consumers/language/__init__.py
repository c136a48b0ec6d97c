"""What users write, and what it means: sections and rules, from YAML and JSON alike."""
