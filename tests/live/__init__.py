"""Rules are added, changed and removed under load, and afterwards every alert is compared with what was asked for."""
