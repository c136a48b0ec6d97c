"""Forms 3, 4 and 5 laid out as the SEC's, for every face that shows them: what stands where, and in which words."""

from consumers.form.form import Form, form_of

__all__ = ["Form", "form_of"]
