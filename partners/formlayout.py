"""Layout objects for crispy forms in the `govuk` template pack: how a form says what its page looks like.

A form names its fields as usual and says how they are asked in a layout::

    class SafeContactForm(forms.Form):
        channels = forms.MultipleChoiceField(
            label="How can the partnership contact the person safely?",
            help_text="Choose all that are safe.",
            choices=[("phone", "Phone call"), ("text", "Text message"), ("none", "No contact is safe")],
            widget=forms.CheckboxSelectMultiple,
        )
        phone = PlainTextField(label="Phone number", max_length=40, required=False,
                               widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}))

        helper = page_helper(
            Question(
                "channels",
                Reveal("phone", on="phone"),
                heading=True,                                  # the legend is the page's <h1>
                caption="Contact",
                hints={"text": "Only when nobody else reads their phone."},
                exclusive="none",                              # an "or", and ticking it clears the others
            ),
            submit="Save and continue",
        )

and the template says `{% load crispy_forms_tags %}{% crispy form %}`. The tag writes the error summary, the CSRF
field and the buttons as well. Inside a form tag of one's own: `{{ form|crispy }}`, or, for a single field,
`{% load govuk %}{% govuk_field form.email heading=True width=20 %}` with the options of `Question` as arguments.

What is revealed is shown to everybody whose browser runs no script. A form must therefore expect a value in a
revealed field whose choice was not taken, and drop it; the same goes for an exclusive choice sent with others.

Other layout objects come from crispy itself and are drawn by the pack: `Fieldset`, `Div`, `HTML`, `Submit`,
`Button`, `Hidden` and `ButtonHolder` (a row of buttons). Crispy runs the words of buttons and legends through the
template engine: they are ours, never text that staff or users typed.
"""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, ButtonHolder, Layout, Submit
from crispy_forms.utils import TEMPLATE_PACK, render_field
from django.forms import BaseForm
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString


class Reveal:
    """Fields that appear under one choice of the question they are given to.

    Takes the names of the fields (or layout objects, such as another `Question`) and `on`: the value of the choice.
    """

    def __init__(self, *fields: Any, on: str) -> None:
        self.fields, self.on = fields, str(on)


class Question:
    """One field of the form with the way it is asked.

    Takes the name of the field, then any number of `Reveal` (one for each choice at most), then by keyword:

    - `heading`: True makes label or legend the <h1> of the page; `caption`: small text above it;
    - `size`: "s", "m", "l" or "xl" for label or legend (default: "l" for a heading, "m" for a group, "s" for a label);
    - `hints`: a hint for each choice, by value; `inline`: radios side by side; `small`: small radios or check boxes;
    - `exclusive`: the value of the check box that rules out all others; `divider`: of the choice to put an "or" before;
    - `width`: of an input in characters ("2", "3", "4", "5", "10", "20") or of its column ("one-half", "two-thirds");
    - `prefix`, `suffix`: a unit beside the input; `count`: False switches the character count of a text area off.
    """

    def __init__(self, field: str, *reveals: Reveal, **options: Any) -> None:
        self.field, self.reveals, self.options = field, reveals, options

    def render(self, form: BaseForm, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The HTML of the question; what it reveals is rendered first so that it never sees this question's options."""
        revealed = {
            reveal.on: format_html_join(
                "",
                "{}",
                ((render_field(field, form, context, template_pack=template_pack),) for field in reveal.fields),
            )
            for reveal in self.reveals
        }
        options = {"asked": {**self.options, "revealed": revealed}}
        return render_field(self.field, form, context, template_pack=template_pack, extra_context=options, **kwargs)


def page_helper(
    *questions: Any,
    submit: str = "Continue",
    submit_name: str = "continue",
    secondary: dict[str, str] | None = None,
    **attrs: str,
) -> FormHelper:
    """The helper of a one-thing page: the questions, then a row of buttons.

    Takes the layout objects or field names in their order; the words and the name of the main button; `secondary`:
    further buttons as {name: words} (for instance {"later": "Save and come back later"}); any other keyword is an
    attribute of the form tag with underscores for hyphens (`data_autosave_url="/refer/…"`).
    """
    buttons = [Submit(submit_name, submit)]
    buttons += [Submit(name, words, css_class="govuk-button--secondary") for name, words in (secondary or {}).items()]
    helper = FormHelper()
    helper.layout = Layout(*questions, ButtonHolder(*buttons))
    helper.attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    return helper


__all__ = ["HTML", "Question", "Reveal", "page_helper"]
