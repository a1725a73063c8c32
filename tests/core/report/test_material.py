"""What a report is made of, and what its reader must know."""

from sqlalchemy import update

from lsccli.core.report.material import read_material
from lsccli.core.store.tables import Image
from tests.core.report.stores import ask


def test_images_come_in_the_order_of_their_keys(store, filled):
    from lsccli.core.report.sql import fetch_rows

    made = read_material(store, ask())
    with store.read() as session:
        keys = dict(fetch_rows(session, "SELECT id, key FROM image"))
    found = [keys[int(number)] for number in made.base.images]
    assert len(found) == 12
    assert found == sorted(found)
    assert made.base.longest == 9


def test_pictures_that_are_not_square_are_told_of(store, maker, two_images):
    assert not read_material(store, ask()).base.notes
    with store.write() as session:
        session.execute(update(Image).where(Image.id == two_images[0]).values(width=96))
    (note,) = read_material(store, ask()).base.notes
    assert note == "1 of 2 pictures is not square; the metric sees it squashed to a square (--metric-fit)."
