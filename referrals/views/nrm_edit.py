"""Answering one page of the Home Office form, and judging what may identify the person in a duty to notify."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from referrals.forms.nrm import AnswersForm
from referrals.forms.nrm_words import amended_in_words, found_by_text, slug_of
from referrals.models import NrmCase
from referrals.nrm_form import Kind, Step, answers_of, sheet
from referrals.nrm_form.answer_sheet import Block, copied
from referrals.nrm_form.fields import Value
from referrals.sheet_case import OpenSheet, find_nrm, kept_marks, open_case
from referrals.views.nrm import head_of, sheet_page, version_in
from referrals.workflow import SheetChanged, save_answers

CHANGED = "Somebody saved the sheet after you opened this page, so yours was not saved. What you typed is below"


@sheet_page("GET", "HEAD", "POST")
def nrm_edit(request: HttpRequest, nrm: NrmCase, step: str) -> HttpResponse:
    """Ask the questions of one page of the form, filled in with what stands there now."""
    opened = open_case(nrm, by=request.user)
    block = _block(opened, step)
    form = _form(request, opened, block)
    if request.method != "POST" or not form.is_valid():
        return _show(request, opened, block, form)
    try:
        given = to_save(opened, block.step, form.answers())
        save_answers(referral_id=nrm.pk, by=request.user, version=version_in(request), given=given)
    except SheetChanged:
        return _changed(request, nrm, step, form)
    messages.success(request, f"Saved: {block.step.title}")
    return _onward(request, opened, block, {**opened.given, **given})


def _block(opened: OpenSheet, step: str) -> Block:
    """Return the page `step` of the sheet. Raises Http404 when the way does not go there, or nobody may change it."""
    for block in opened.sheet.blocks:
        if slug_of(block.step) == step and any(not asked.locked for asked in block.step.fields):
            return block
    raise Http404


def _form(request: HttpRequest, opened: OpenSheet, block: Block) -> AnswersForm:
    """Every question of the page, those that an answer on it reveals and the empty boxes for more towns included."""
    answers = answers_of(opened.case) | {key: value for key, value in opened.given.items() if value is not None}
    asked = [one for one in block.step.fields if not one.locked]
    notes = {
        item.field.key: " ".join(filter(None, [item.note, amended_in_words(item.field, opened)]))
        for item in block.items
    }
    data = request.POST if request.method == "POST" else None
    return AnswersForm(data, step=block.step, asked=asked, answers=answers, notes=notes)


def to_save(opened: OpenSheet, step: Step, answers: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Return what is kept of the answers of a page: only what differs from the case, which else goes on answering.

    A draft that was read and left as it is is kept too: that confirms it. An empty answer is kept where it clears one
    of the case.
    """
    found: dict[str, Value | None] = {}
    from_case = {item.field.key: item for item in sheet(opened.case, {}).items}
    taken = answers_of(opened.case)
    for asked in (one for one in step.fields if one.key in answers):
        value, said, item = answers[asked.key], taken.get(asked.key, ""), from_case.get(asked.key)
        draft = bool(said) and (item is None or item.draft)
        same = (value or "") == (said or "")
        found[asked.key] = None if value is None or (same and not draft) else value
    return found


def _onward(request: HttpRequest, opened: OpenSheet, block: Block, given: Mapping) -> HttpResponse:
    """Go to the next page that lacks something, or back to the sheet."""
    kept = {key: value for key, value in given.items() if value is not None}
    blocks = sheet(opened.case, kept).blocks
    place = next((n for n, one in enumerate(blocks) if one.step.path == block.step.path), len(blocks))
    lacking = [b for b in blocks[place + 1 :] if _needs_answers(b)]
    if "back" in request.POST or not lacking:
        return redirect("nrm_sheet", opened.nrm.pk)
    return redirect("nrm_edit", opened.nrm.pk, slug_of(lacking[0].step))


def _needs_answers(block: Block) -> bool:
    open_items = [item for item in block.items if not item.field.locked]
    return bool(open_items) and (bool(block.note) or any(i.missing or i.draft or i.over for i in open_items))


def _show(
    request: HttpRequest, opened: OpenSheet, block: Block, form: AnswersForm, status: int = 200, **more
) -> HttpResponse:
    locked = [(item.field.label, copied(item.field, item.value)) for item in block.items if item.field.locked]
    context = head_of(opened) | {
        "form": form,
        "step": block.step,
        "slug": slug_of(block.step),
        "drafts": [item.field.label for item in block.items if item.draft],
        "locked": locked,
        "texts": any(one.kind in (Kind.TEXT, Kind.LONG) for one in block.step.fields),
        **more,
    }
    return render(request, "referrals/nrm_edit.html", context, status=status)


def _changed(request: HttpRequest, nrm: NrmCase, step: str, form: AnswersForm) -> HttpResponse:
    """Show what was typed, and beside it what stands there now; saving again takes what was typed."""
    opened = open_case(find_nrm(nrm.pk, by=request.user), by=request.user)
    form.add_error(None, CHANGED)
    now = next((b for b in opened.sheet.blocks if slug_of(b.step) == step), None)
    rows = [(item.field.label, copied(item.field, item.value) or "No answer") for item in now.items] if now else []
    return _show(request, opened, now or Block(form.step, ()), form, 409, other=rows)


@sheet_page("GET", "HEAD", "POST")
def nrm_check(request: HttpRequest, nrm: NrmCase) -> HttpResponse:
    """Show every place of a duty to notify that may identify the person, for the first responder to judge."""
    opened = open_case(nrm, by=request.user)
    if not opened.case.notify:
        raise Http404
    if request.method == "POST":
        marks = kept_marks(opened, request.POST.getlist("mark"))
        try:
            save_answers(referral_id=nrm.pk, by=request.user, version=version_in(request), resolved=marks)
        except SheetChanged:
            again = open_case(find_nrm(nrm.pk, by=request.user), by=request.user)
            return _show_check(request, again, chosen=marks, status=409)
        messages.success(request, "Your judgement was saved.")
        left = len(opened.hits) - len(marks)
        return redirect("nrm_check" if left else "nrm_sheet", nrm.pk)
    return _show_check(request, opened)


def _show_check(request: HttpRequest, opened: OpenSheet, chosen: list[str] | None = None, status: int = 200):
    drafts = [
        {"slug": slug_of(block.step), "label": item.field.label}
        for block in opened.sheet.blocks
        for item in block.items
        if item.draft
    ]
    context = head_of(opened) | {
        "drafts": drafts,
        "texts": list(found_by_text(opened)),
        "waiting": len(opened.waiting),
        "may_copy": opened.may_copy,
        "problems": opened.sheet.problems,
        "chosen": chosen,
        "errors": [{"text": CHANGED_CHECK, "href": ""}] if status == 409 else [],
    }
    return render(request, "referrals/nrm_check.html", context, status=status)


CHANGED_CHECK = "Somebody saved the sheet after you opened this page. Look at it again, then save"
