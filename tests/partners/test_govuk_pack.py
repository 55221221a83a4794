"""The form pack and the components: labels, hints, errors and reveals as markup, read from real rendered forms."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from crispy_forms.layout import HTML, Button, Div, Fieldset, Hidden, Reset
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines
from django.template.loader import render_to_string

from partners.formfields import PlainTextField
from partners.formlayout import Question, Reveal, page_helper
from partners.templatetags import govuk
from tests.partners.gallery import WRONG, GalleryForm, line, page

STATIC = Path(__file__).resolve().parents[2] / "static"


class Elements(HTMLParser):
    """The elements of a page in their order: tag, attributes, and the text of each with all that is in it."""

    VOID = {"input", "link", "meta", "br", "img", "hr"}

    def __init__(self, html: str):
        super().__init__()
        self.found: list[SimpleNamespace] = []
        self.open: list[SimpleNamespace] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = SimpleNamespace(tag=tag, attrs=dict(attrs), text="", inside=[e.tag for e in self.open])
        self.found.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def all(self, *tags: str, **attrs: str) -> list[SimpleNamespace]:
        return [e for e in self.found if e.tag in tags and all(e.attrs.get(k) == v for k, v in attrs.items())]

    def by_id(self, id_: str) -> SimpleNamespace:
        [element] = [e for e in self.found if e.attrs.get("id") == id_]
        return element


def rendered(form: forms.Form, *layout, **helper_options) -> Elements:
    helper = page_helper(*layout, **helper_options) if layout else form.helper
    return Elements(render_crispy_form(form, helper, context={"csrf_token": "token"}))


def controls(elements: Elements) -> list[SimpleNamespace]:
    return [e for e in elements.all("input", "select", "textarea") if e.attrs.get("type") != "hidden"]


def wrong_form() -> GalleryForm:
    return GalleryForm(WRONG)


both_states = pytest.mark.parametrize("make_form", [GalleryForm, wrong_form], ids=["empty", "wrong"])


@both_states
def test_every_control_has_exactly_one_label_with_words(make_form):
    elements = rendered(make_form())
    labels = Counter(label.attrs["for"] for label in elements.all("label") if label.text.strip())
    assert [labels[control.attrs["id"]] for control in controls(elements)] == [1] * len(controls(elements))


@both_states
def test_every_group_of_choices_is_a_fieldset_with_a_legend(make_form):
    elements = rendered(make_form())
    choices = [c for c in controls(elements) if c.attrs.get("type") in {"radio", "checkbox"}]
    alone = [c for c in choices if "fieldset" not in c.inside]
    assert [c.attrs["name"] for c in alone] == ["declaration"]
    assert len(elements.all("fieldset")) == len(elements.all("legend"))
    assert all(legend.text.strip() for legend in elements.all("legend"))


@both_states
def test_what_a_control_says_describes_it_exists_and_says_something(make_form):
    elements = rendered(make_form())
    described = [e.attrs["aria-describedby"] for e in elements.found if "aria-describedby" in e.attrs]
    assert len(described) > 5
    for id_ in " ".join(described).split():
        assert elements.by_id(id_).text.strip()


@both_states
def test_no_id_occurs_twice_on_the_gallery_page(make_form):
    ids = Counter(e.attrs["id"] for e in Elements(page(make_form())).found if "id" in e.attrs)
    assert not [id_ for id_, times in ids.items() if times > 1]


def test_each_error_of_the_summary_leads_to_a_control_that_shows_the_same_words():
    elements = rendered(wrong_form())
    links = [a for a in elements.all("a") if a.attrs["href"].startswith("#")]
    errors = wrong_form().errors
    assert len(links) == sum(len(messages) for messages in errors.values()) == len(errors)
    reachable = {control.attrs["id"] for control in controls(elements)}
    messages = [p.text.replace("Error:", "").strip() for p in elements.all("p")]
    for link in links:
        assert link.attrs["href"][1:] in reachable
        assert link.text in messages


def test_the_summary_follows_the_order_of_the_fields():
    links = [a.attrs["href"] for a in rendered(wrong_form()).all("a")]
    order = ["#id_age_0", "#id_birth_date_1", "#id_phone", "#id_account", "#id_district", "#id_email", "#id_password"]
    assert links == [*order, "#id_hours", "#id_declaration"]


def test_an_invalid_group_is_described_by_its_error_and_its_hint():
    elements = rendered(wrong_form())
    [group] = [e for e in elements.all("fieldset") if "How old" in e.text]
    assert group.attrs["aria-describedby"] == "id_age_helptext id_age_error"


def test_an_invalid_control_is_marked_for_the_eye_and_for_a_screen_reader():
    email = rendered(wrong_form()).by_id("id_email")
    assert email.attrs["aria-invalid"] == "true"
    assert email.attrs["aria-describedby"] == "id_email_error"
    assert "govuk-input--error" in email.attrs["class"]


def test_only_the_part_of_a_date_at_fault_is_outlined_and_all_keep_what_was_typed():
    elements = rendered(wrong_form())
    parts = [elements.by_id(f"id_birth_date_{n}") for n in range(3)]
    assert ["govuk-input--error" in part.attrs["class"] for part in parts] == [False, True, False]
    assert [part.attrs["value"] for part in parts] == ["31", "13", "1998"]


def test_a_form_without_an_error_has_no_summary():
    assert not [e for e in rendered(GalleryForm()).found if "govuk-error-summary" in e.attrs.get("class", "")]


def test_a_revealed_field_stands_under_its_choice_and_is_hidden_until_that_is_taken():
    elements = rendered(GalleryForm())
    choice = elements.by_id("id_channels_0")
    assert choice.attrs["data-aria-controls"] == "conditional-id_channels_0"
    box = elements.by_id("conditional-id_channels_0")
    assert "govuk-checkboxes__conditional--hidden" in box.attrs["class"]
    position = elements.found.index
    assert position(choice) < position(box) < position(elements.by_id("id_phone"))
    assert position(elements.by_id("id_phone")) < position(elements.by_id("id_channels_1"))


def test_a_revealed_field_is_open_once_its_choice_is_taken():
    box = rendered(wrong_form()).by_id("conditional-id_channels_0")
    assert "govuk-checkboxes__conditional--hidden" not in box.attrs["class"]


def test_a_revealed_question_does_not_take_over_the_options_of_the_question_around_it():
    elements = rendered(GalleryForm())
    [label] = elements.all("label", **{"for": "id_phone"})
    assert "govuk-label--s" in label.attrs["class"]
    assert not [e for e in elements.found if e.attrs.get("id") == "id_phone-hint"]


def test_a_question_can_be_revealed_with_options_and_reveals_of_its_own():
    class Nested(forms.Form):
        a = forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
        b = forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
        c = forms.CharField()

    inner = Question("b", Reveal(Question("c", width=5), on="n"), inline=True)
    elements = rendered(Nested(), Question("a", Reveal(inner, on="y")))
    assert elements.by_id("id_c").attrs["class"] == "govuk-input govuk-input--width-5"
    inline = [e for e in elements.found if "govuk-radios--inline" in e.attrs.get("class", "")]
    assert len(inline) == 1
    assert elements.found.index(elements.by_id("id_c")) < elements.found.index(elements.by_id("id_a_1"))


def test_the_exclusive_choice_is_set_apart_and_known_to_the_script():
    elements = rendered(GalleryForm())
    assert elements.by_id("id_channels_3").attrs["data-behaviour"] == "exclusive"
    assert [e.attrs.get("data-behaviour") for e in elements.all("input", name="channels")].count("exclusive") == 1
    dividers = [e.text for e in elements.all("div") if "__divider" in e.attrs.get("class", "")]
    assert dividers == ["or", "or"]


def test_choices_in_groups_are_fieldsets_with_the_theme_as_legend():
    elements = rendered(GalleryForm())
    themes = [e.text.strip() for e in elements.all("legend") if e.inside.count("fieldset") == 2]
    assert themes == ["Work", "Movement"]


def test_what_the_widget_says_about_input_reaches_the_page():
    elements = rendered(GalleryForm())
    assert elements.by_id("id_phone").attrs["inputmode"] == "tel"
    assert elements.by_id("id_phone").attrs["autocomplete"] == "off"
    assert elements.by_id("id_email").attrs["spellcheck"] == "false"
    assert elements.by_id("id_email").attrs["type"] == "email"
    assert elements.by_id("id_password").attrs["autocomplete"] == "new-password"
    assert elements.by_id("id_birth_date_0").attrs["inputmode"] == "numeric"


def test_a_limited_text_area_counts_down_with_and_without_a_hint_and_never_cuts_off():
    class Told(forms.Form):
        bare = forms.CharField(max_length=50, widget=forms.Textarea)
        hinted = forms.CharField(max_length=50, help_text="In their words.", widget=forms.Textarea(attrs={"rows": 8}))
        uncounted = forms.CharField(max_length=50, widget=forms.Textarea)

    elements = rendered(Told(), "bare", "hinted", Question("uncounted", count=False))
    assert elements.by_id("id_bare").attrs["aria-describedby"] == "id_bare-info"
    assert elements.by_id("id_bare").attrs["rows"] == "5"
    assert elements.by_id("id_hinted").attrs["aria-describedby"] == "id_hinted_helptext id_hinted-info"
    assert elements.by_id("id_hinted").attrs["rows"] == "8"
    assert [e.attrs["data-maxlength"] for e in elements.all("div", **{"data-module": "govuk-character-count"})] == [
        "50",
        "50",
    ]
    assert not [e for e in elements.all("textarea") if "maxlength" in e.attrs]


def test_a_legend_or_a_label_can_be_the_heading_of_the_page():
    class One(forms.Form):
        age = forms.ChoiceField(label="How old?", choices=[("a", "A")], widget=forms.RadioSelect)
        name = forms.CharField(label="Which name?")

    group = rendered(One(), Question("age", heading=True, caption="About the person"))
    [heading] = group.all("h1")
    assert (heading.text, heading.inside[-2:]) == ("How old?", ["fieldset", "legend"])
    assert [e.text for e in group.all("span") if e.attrs.get("class") == "govuk-caption-l"] == ["About the person"]
    [heading] = rendered(One(), Question("name", heading=True)).all("h1")
    assert heading.text == "Which name?"
    assert not rendered(One(), "age", "name").all("h1")


def test_what_people_and_staff_type_is_text_and_never_markup():
    evil = '"><script>alert(1)</script>'

    class Evil(forms.Form):
        group = forms.ChoiceField(
            label=evil, help_text=evil, choices=[(evil, evil), ("b", "B")], widget=forms.RadioSelect
        )
        text = PlainTextField(label=evil, help_text=evil, max_length=3)
        area = PlainTextField(max_length=3, widget=forms.Textarea)

    form = Evil({"group": evil, "text": evil, "area": evil})
    layout = Question("group", Reveal("text", on=evil), hints={evil: evil}, caption=evil, heading=True)
    elements = rendered(form, layout, "area")
    assert not elements.all("script")
    assert elements.by_id("id_text").attrs["value"] == evil
    assert elements.by_id("id_area").text.strip() == evil


def test_an_error_of_a_hidden_field_or_of_the_whole_form_is_told_without_a_link():
    class Odd(forms.Form):
        version = forms.IntegerField(widget=forms.HiddenInput)

        def clean(self):
            raise forms.ValidationError("These two answers contradict each other")

    elements = rendered(Odd({"version": "x"}), "version")
    items = [li.text for li in elements.all("li")]
    assert items[0] == "These two answers contradict each other"
    assert len(items) == 2
    assert not elements.all("a")


def test_hidden_fields_left_out_of_the_layout_are_sent_all_the_same():
    elements = rendered(GalleryForm(), "email")
    assert elements.by_id("id_version").attrs["value"] == "3"
    assert len(rendered(GalleryForm()).all("input", name="version")) == 1


def test_the_form_tag_carries_token_and_attributes_and_leaves_checking_to_the_server():
    elements = rendered(GalleryForm())
    [form] = elements.all("form")
    assert form.attrs["method"] == "post"
    assert form.attrs["data-autosave-url"] == "/autosave/"
    assert "novalidate" in form.attrs
    assert form.attrs["enctype"] == "multipart/form-data"
    assert elements.all("input", name="csrfmiddlewaretoken")[0].attrs["value"] == "token"


def test_buttons_are_buttons_with_the_classes_of_the_design_system():
    elements = rendered(GalleryForm())
    main, later = [b for b in elements.all("button") if b.attrs["type"] == "submit"]
    assert (main.text, main.attrs["name"], main.attrs["class"].split()) == (
        "Save and continue",
        "continue",
        ["govuk-button"],
    )
    assert "govuk-button--secondary" in later.attrs["class"]


def test_the_other_layout_objects_of_crispy_are_drawn():
    class Two(forms.Form):
        a = forms.CharField()
        b = forms.CharField()

    inside = Fieldset("Both", "a", Div("b", css_class="card"), HTML("<p>Between</p>"), css_id="both")
    elements = rendered(Two(), inside, Hidden("step", "2"), Button("x", "Close"), Reset("r", "Clear"))
    assert elements.by_id("both").tag == "fieldset"
    assert "div" in elements.by_id("id_b").inside
    assert [b.attrs["type"] for b in elements.all("button")][:2] == ["button", "reset"]
    assert elements.all("input", name="step")[0].attrs["type"] == "hidden"


def test_a_form_without_a_helper_and_a_formset_are_drawn_by_the_same_templates():
    class Small(forms.Form):
        name = forms.CharField()

    template = engines["django"].from_string("{% load crispy_forms_tags %}{{ form|crispy }}")
    assert Elements(template.render({"form": Small()})).by_id("id_name").attrs["class"] == "govuk-input"

    formset = forms.formset_factory(Small, extra=2)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "x" * 9, "form-1-name": ""}
    )
    formset.forms[1].empty_permitted = False
    whole = engines["django"].from_string("{% load crispy_forms_tags %}{% crispy formset %}")
    elements = Elements(whole.render({"formset": formset, "csrf_token": "t"}))
    assert [a.attrs["href"] for a in elements.all("a")] == ["#id_form-1-name"]
    assert elements.by_id("id_form-0-name").attrs["value"] == "x" * 9
    assert elements.all("input", name="form-TOTAL_FORMS")


def test_a_single_field_can_be_drawn_with_the_options_of_a_question():
    template = engines["django"].from_string(
        "{% load govuk %}{% error_summary form %}{% govuk_field form.email heading=True width=20 %}"
    )
    elements = Elements(template.render({"form": wrong_form()}))
    assert elements.by_id("id_email").attrs["class"].split() == [
        "govuk-input",
        "govuk-input--error",
        "govuk-input--width-20",
    ]
    assert [h.text for h in elements.all("h1")] == ["Your e-mail address"]


def test_a_disabled_group_is_disabled_choice_by_choice():
    class Locked(forms.Form):
        a = forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect, disabled=True)

    elements = rendered(Locked(initial={"a": "n"}), "a")
    assert ["disabled" in e.attrs for e in elements.all("input", type="radio")] == [True, True]
    assert ["checked" in e.attrs for e in elements.all("input", type="radio")] == [False, True]


def test_forms_with_a_prefix_keep_their_labels_hints_and_links():
    elements = Elements(render_crispy_form(GalleryForm({"p-x": ""}, prefix="p"), context={"csrf_token": "t"}))
    ids = {e.attrs.get("id") for e in elements.found}
    assert {a.attrs["href"][1:] for a in elements.all("a")} <= ids
    assert "id_p-age_0" in ids


def test_a_select_control_shows_what_was_chosen():
    elements = rendered(GalleryForm({"district": "s"}))
    assert [o.attrs["value"] for o in elements.all("option") if "selected" in o.attrs] == ["s"]


@pytest.mark.parametrize(
    ("number", "link"),
    [("01632 960 123", "tel:01632960123"), ("+44 (0)7700 900123", "tel:+4407700900123"), ("", "tel:")],
)
def test_a_phone_number_becomes_a_link_that_rings_it(number, link):
    assert govuk.tel(number) == link


def test_the_emergency_number_stands_first_and_is_never_missing():
    lines = [line("Helpline", "01632 960 100"), line("Emergency", "112", purpose="emergency")]
    assert [entry.phone for entry in govuk.phone_lines(lines)] == ["112", "01632 960 100"]
    assert [entry.phone for entry in govuk.phone_lines(None)] == ["999"]
    html = render_to_string("components/help_now.html", {"support_lines": lines})
    assert [a.attrs["href"] for a in Elements(html).all("a")] == ["tel:112", "tel:01632960100"]


def test_the_title_says_when_a_page_has_errors():
    assert Elements(page(wrong_form())).all("title")[0].text.startswith("Error: Gallery of components – Waymark – ")
    assert Elements(page()).all("title")[0].text.startswith("Gallery of components – ")


def test_a_summary_shows_one_answer_several_or_none():
    elements = Elements(page())
    answers = [e.text.strip() for e in elements.all("dd") if "__value" in e.attrs["class"]]
    assert answers[:1] + answers[3:4] == ["A car wash", "Not answered"]
    assert [li.text for li in elements.all("li") if "dd" in li.inside] == ["Long hours", "No pay"]
    change = [a.text for a in elements.all("a") if a.text.startswith("Change")]
    assert change[0] == "Change, Where they were found"


def test_a_value_that_is_masked_is_not_in_the_page_and_opens_with_a_post():
    html = render_to_string("components/masked_value.html", {"label": "name", "url": "/open/", "csrf_token": "t"})
    elements = Elements(html)
    assert elements.all("form")[0].attrs == {"method": "post", "action": "/open/"}
    assert elements.all("button")[0].text == "Show name"
    shown = render_to_string("components/masked_value.html", {"label": "name", "value": "Testperson"})
    assert not Elements(shown).all("form")
    broken = render_to_string("components/masked_value.html", {"label": "name", "unreadable": True, "value": ""})
    assert "Cannot be opened" in Elements(broken).all("span")[0].text


def test_pages_of_a_list_keep_the_rest_of_the_address():
    links = {a.text: a.attrs for a in Elements(page()).all("a") if "pagination" in a.attrs.get("class", "")}
    assert links["7"]["aria-current"] == "page"
    assert links["8"]["href"] == "?sort=due&page=8"
    assert list(links) == ["Previous page", "1", "6", "7", "8", "18", "Next page"]


@pytest.mark.parametrize("name", ["400", "403", "404", "413"])
def test_error_pages_carry_the_partnership_and_one_heading(name):
    elements = Elements(page(template=f"{name}.html"))
    assert len(elements.all("h1")) == 1
    assert "Northshire Anti-Slavery Partnership" in elements.all("header")[0].text


@pytest.mark.parametrize("name", ["500", "503"])
def test_pages_for_when_something_is_broken_need_nothing_and_still_say_whom_to_ring(name):
    elements = Elements(render_to_string(f"{name}.html"))
    assert len(elements.all("h1")) == 1
    assert elements.all("a", href="tel:999")


def test_the_vendored_style_sheet_has_neither_font_nor_arms_of_gov_uk():
    folder = STATIC / "vendor" / "govuk-frontend"
    everything = "".join(path.read_text() for path in folder.iterdir())
    assert not re.findall(r"GDS Transport|@font-face|crest|/assets/|sourceMappingURL", everything)
    assert "MIT License" in (folder / "LICENSE.txt").read_text()
    assert {path.suffix for path in STATIC.rglob("*") if path.is_file()} <= {".css", ".js", ".svg", ".txt", ".md"}


def test_our_style_sheets_and_scripts_load_nothing_from_elsewhere_and_store_nothing_in_the_browser():
    forbidden = re.compile(r"https?://|//[a-z]+\.[a-z]|@import|localStorage|sessionStorage|indexedDB")
    for path in [*(STATIC / "css").iterdir(), *(STATIC / "js").iterdir()]:
        code = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)
        assert not forbidden.findall(code)
