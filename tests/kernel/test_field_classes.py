"""Every field of every model says how freely it may leave its school; a forgotten one is found here (architecture §7)."""

import pytest
from django.apps import apps

from afterbell.accounts.third_party import THIRD_PARTY
from afterbell.kernel import privacy
from afterbell.kernel.privacy import FieldClass, classify

MODELS = sorted(apps.get_models(), key=lambda model: model._meta.label)


def fields_of(model):
    return {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}


def declared(model):
    return dict(privacy.classes_of(model) or THIRD_PARTY.get(model._meta.label, {}))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_each_field_of_a_model_has_a_class(model):
    forgotten = fields_of(model) - set(declared(model))
    assert not forgotten, f"{model._meta.label} does not classify {sorted(forgotten)}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_class_is_given_to_a_field_that_is_not_there(model):
    superfluous = set(declared(model)) - fields_of(model)
    assert not superfluous, f"{model._meta.label} has no {sorted(superfluous)}"


def test_every_class_is_one_of_the_four():
    for model in MODELS:
        assert {type(field_class) for field_class in declared(model).values()} <= {FieldClass}, (
            model._meta.label
        )


def test_third_party_entries_belong_to_models_that_are_installed():
    ours = {model._meta.label for model in MODELS if privacy.classes_of(model)}
    assert set(THIRD_PARTY) <= {model._meta.label for model in MODELS} - ours


def test_children_are_guarded():
    """Under-14 data is sensitive (reference facts, PIPL)."""
    pupil = privacy.classes_of(apps.get_model("people.Pupil"))
    assert pupil["name"] == pupil["number"] == FieldClass.SENSITIVE


def test_a_field_in_two_classes_is_a_mistake():
    with pytest.raises(ValueError, match="name is classified twice"):
        classify(public="id name", personal="name")


def test_guarded_fields_are_the_personal_and_sensitive_ones():
    classes = classify(public="a", internal="b", personal="c", sensitive="d")
    assert privacy.guarded(classes) == {"c", "d"}
