"""The look-alike of EDGAR: real HTTP on loopback, a folder of filings, a clock, and faults on demand."""
