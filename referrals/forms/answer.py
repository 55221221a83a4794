"""What a referrer writes when a coordinator asks."""

from django import forms

from partners.formfields import PlainTextField
from partners.formlayout import FormHelper, Question, page_helper
from referrals.forms.fields import STORY


class AnswerForm(forms.Form):
    """One box for the answer. It is stored word for word."""

    answer = PlainTextField(
        label="Your answer",
        subject="Answer",
        max_length=STORY,
        widget=forms.Textarea({"autocomplete": "off", "rows": 8}),
        help_text="If you do not know, say so. Do not ask the person to tell their story again.",
        error_messages={"required": "Write your answer. If you do not know, say so"},
    )

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        helper = page_helper(Question("answer", size="m"), submit="Send your answer")
        helper.form_tag = False
        return helper
